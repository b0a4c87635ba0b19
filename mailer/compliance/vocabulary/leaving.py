"""What pages say on which readers leave: all mail, a pause, staying, and what must not be asked.

A trailing * stands for any ending. Accents and case do not count, nor how words are cut.
"""

# ruff: noqa: RUF001 - words of other alphabets are meant

# The choice to hear no more from this sender at all, 15 U.S.C. 7704(a)(3)(B).
EVERYTHING = (
    *("all mail*", "all e-mail*", "all message*", "all list*", "all newsletter*", "all news"),
    *("all communication*", "all marketing", "all commercial", "all future", "all subscriptions"),
    *("from all", "everything", "any mail*", "any e-mail*", "any message*", "every list"),
    *("every newsletter", "no more mail*", "no more e-mail*", "no mail*", "no e-mail*"),
    *("alle mail*", "alle e-mail*", "alle nachrichten", "alle newsletter*", "alle listen"),
    *("alle abonnements", "allen mail*", "allen e-mail*", "allen newsletter*", "allen listen"),
    *("von allen", "von allem", "alles", "keine e-mail*", "keine mail*"),
    *("keine werbung", "gar keine", "sämtliche*"),
    *("tous les e-mail*", "tous les mail*", "tous les courriel*", "tous les message*"),
    *("tous les courriers", "tous vos e-mail*", "tous vos message*", "toutes les liste*"),
    *("toutes les newsletter*", "toutes les communication*", "toutes les lettres", "de tout"),
    *("plus aucun*", "aucun e-mail", "aucun courriel", "aucun message"),
    *("todos los correo*", "todos los e-mail*", "todos los mensaje*", "todos los boletin*"),
    *("todas las lista*", "todas las comunicacion*", "ningun correo", "ningun mensaje", "de todo"),
    *("tutte le e-mail", "tutte le mail", "tutte le list*", "tutte le comunicazion*"),
    *("tutte le newsletter", "tutti i messagg*", "nessuna e-mail", "nessun messaggio", "da tutto"),
    *("todos os e-mail*", "todas as mensagen*", "todas as lista*", "nenhum e-mail"),
    *("alle berichten", "alle lijsten", "alle nieuwsbrieven", "geen enkele", "geen e-mail*"),
    *("alla mejl*", "alla utskick", "alla e-post*", "alla nyhetsbrev", "all e-post"),
    *("alle nyhedsbreve", "alle nyhetsbrev", "alle beskeder", "kaikki*", "kaikista"),
    *("wszystki*", "všech*", "minden*", "toate*", "tüm*", "hepsi*", "όλα", "όλες", "όλους"),
    *("все рассылки", "всех рассылок", "все письма", "от всех", "усі листи", "усіх розсилок"),
    *("すべて", "全て", "全部", "所有", "모든", "전체", "كل", "جميع", "כל"),
)
# Not leaving, but waiting or getting less.
PAUSE = (
    *("pause*", "snooze*", "for 30 days", "30 days", "60 days", "90 days", "a month", "a while"),
    *("for now", "take a break", "vacation", "holiday", "less often", "fewer", "once a month"),
    *("weekly", "monthly", "digest", "pausier*", "tage lang", "30 tage", "einen monat", "weniger"),
    *("seltener", "urlaub", "vorübergehend", "30 jours", "un mois", "moins souvent"),
    *("temporairement", "suspendre*", "pausa*", "30 dias", "un mes", "menos", "temporalmente"),
    *("sospend*", "30 giorni", "un mese", "meno", "suspender", "30 dagen", "pauzeer*", "minder"),
    *("30 dagar", "30 dni", "wstrzymaj", "приостанов*", "на 30", "一時停止", "暂停"),
)
STAY = (
    *("keep*", "stay*", "remain*", "continue receiving", "don't unsubscribe", "do not unsubscribe"),
    *(
        "continue to receive",
        "never mind",
        "changed my mind",
        "go back",
        "subscribe me",
        "sign me up",
    ),
    *("still want", "except*", "but send", "behalten", "bleiben", "weiterhin", "weiter erhalten"),
    *("angemeldet bleiben", "außer", "doch nicht", "garder", "rester", "continuer à recevoir"),
    *("conserver", "sauf", "seguir recibiendo", "mantener*", "quedarme", "excepto"),
    *("restare", "rimanere", "continuare a ricev*", "mantieni", "tranne", "manter"),
    *("continuar a rec*", "blijven", "behouden", "stanna kvar", "behåll"),
    *("zostań", "остаться", "продолжить получ*", "保持订阅", "继续接收", "受信を続ける"),
)
# Buttons that undo nothing and do nothing; "Cancel my subscription" is none of them.
GIVE_UP = frozenset(
    str.split("cancel abbrechen annuler cancelar annulla annuleren avbryt anuluj キャンセル 取消")
)
# The answer that it is done.
DONE = (
    *("unsubscribed", "you are off", "been removed", "were removed", "no longer receive"),
    *("no longer comes to you", "not receive any", "no more mail", "opted out", "you have left"),
    *("will not hear from us", "stopped", "abgemeldet", "ausgetragen", "abbestellt"),
    *("keine mails mehr", "keine e-mails mehr", "keine nachrichten mehr", "désabonné"),
    *("désabonnée", "désinscrit", "désinscrite", "désinscription confirmée", "ne recevrez plus"),
    *("désabonnement confirmé", "désabonnement est effectif", "dado de baja", "dada de baja"),
    *("baja confirmada", "ya no recibir*", "no recibirá más", "ha sido cancelada", "disiscritto"),
    *("disiscritta", "cancellato", "cancellata", "non riceverai più", "non riceverà più"),
    *("inscrição cancelada", "foi cancelada", "descadastrado", "descadastrada", "não receberá"),
    *("uitgeschreven", "afgemeld", "geen e-mails meer", "avregistrerad", "avprenumererad"),
    *("avanmäldad", "frameldt", "afmeldt", "avmeldt", "peruutettu", "wypisany", "wypisana"),
    *("wypisano", "odhlášen*", "leiratkozott", "dezabonat*", "aboneliğiniz iptal edildi"),
    *("διαγραφήκατε", "вы отписаны", "вы отписались", "подписка отменена", "ви відписані"),
    *(
        "配信停止",
        "解除しました",
        "退订成功",
        "已退订",
        "已取消订阅",
        "取消訂閱成功",
        "수신거부되었습니다",
    ),
)
# A second step by mail; 16 CFR 316.5 allows a single page.
BY_MAIL = (
    *("check your inbox", "check your e-mail", "check your mail", "we sent you an e-mail"),
    *("we have sent you", "we've sent you", "we will send you", "we'll send you", "we will mail"),
    *("sent a confirmation", "send a confirmation", "confirmation e-mail", "confirmation link"),
    *("confirm by e-mail", "link in the e-mail", "link we sent", "almost done", "one more step"),
    *("bestätigungsmail", "bestätigungs-e-mail", "bestätigungslink", "prüfen sie ihr postfach"),
    *("per e-mail bestätigen", "fast geschafft", "wir haben ihnen eine e-mail"),
    *("wir senden ihnen eine e-mail", "wir haben dir eine e-mail", "schau in dein postfach"),
    *("e-mail de confirmation", "lien de confirmation", "vérifiez votre boîte"),
    *("consultez votre boîte", "courriel de confirmation", "presque terminé"),
    *("correo de confirmación", "enlace de confirmación", "revise su correo", "revisa tu correo"),
    *("e-mail di conferma", "mail di conferma", "link di conferma", "controlla la tua posta"),
    *("e-mail de confirmação", "link de confirmação", "verifique seu e-mail"),
    *("bevestigingsmail", "bevestigingslink", "bekräftelsemejl", "bekräftelselänk"),
    *("potwierdzający", "bekræftelsesmail", "письмо с подтверждением", "確認メール", "确认邮件"),
)
SIGN_IN = (
    *("sign in", "log in", "login", "password", "your account", "create an account"),
    *("anmelden um", "einloggen", "passwort", "melden sie sich an", "kundenkonto"),
    *("connectez-vous", "se connecter", "mot de passe", "iniciar sesión", "inicia sesión"),
    *("contraseña", "accedi", "effettua il login", "la tua password", "fazer login", "entrar"),
    *("senha", "inloggen", "wachtwoord", "logga in", "lösenord", "zaloguj", "hasło", "войти"),
    *("пароль", "ログイン", "登录", "登錄", "로그인"),
)
ROBOT = (
    *("i'm not a robot", "i am not a robot", "not a robot", "you are human", "enter the captcha"),
    *("you are a human", "kein roboter", "ein mensch sind"),
    *("pas un robot", "êtes humain", "no soy un robot", "non sono un robot", "não sou um robô"),
    *("geen robot", "inte en robot", "nie jestem robotem", "не робот", "ロボットではありません"),
    *("checking your browser", "human verification"),
)
FEE = (
    *("processing fee", "service fee", "a fee of", "fee applies", "card number", "pay to"),
    *("bearbeitungsgebühr", "eine gebühr von", "ist kostenpflichtig", "kartennummer"),
    *("frais de traitement", "des frais de", "numéro de carte", "gastos de gestión"),
    *("una comisión de", "número de tarjeta", "una commissione di", "numero di carta"),
    *("uma taxa de", "número do cartão", "administratiekosten", "kaartnummer", "en avgift på"),
    *("opłata za", "номер карты", "взимается комиссия", "手数料がかかります", "需支付费用"),
)
