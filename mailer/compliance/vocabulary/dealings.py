"""Words by which mail speaks of a dealing with its reader: an order, a payment, an account."""

# ruff: noqa: RUF001 - words of other alphabets are meant

# "your", in every form that stands before a noun.
OWN = (
    *("your", "ihr", "ihre", "ihrer", "ihrem", "ihren", "ihres", "dein", "deine", "deiner"),
    *("deinem", "deinen", "eure", "euer", "votre", "vos", "ton", "ta", "tes", "tu", "tus", "su"),
    *("sus", "vuestro", "vuestra", "tuo", "tua", "tuoi", "tue", "vostro", "vostra", "suo", "sua"),
    *("seu", "seus", "suas", "teu", "uw", "je", "jouw", "din", "dit", "ditt", "dine", "er", "ert"),
    *("jeres", "twoj", "twoja", "twoje", "panstwa", "ваш", "ваша", "ваше", "вашего", "вашу"),
    *("твой", "您的", "你的", "貴方の", "お客様の"),
)
# Nouns that mean a settled dealing wherever they stand after "your".
PAPERS = (
    *("invoice", "invoices", "bill", "receipt", "payment", "refund", "statement", "password"),
    *("tracking number", "purchase", "transaction", "direct debit", "rechnung", "quittung"),
    *("zahlung", "lastschrift", "erstattung", "passwort", "kennwort", "kontoauszug", "einkauf"),
    *("facture", "reçu", "paiement", "remboursement", "mot de passe", "prélèvement", "achat"),
    *("factura", "recibo", "pago", "reembolso", "contraseña", "compra", "fattura", "ricevuta"),
    *("pagamento", "rimborso", "acquisto", "fatura", "reembolso", "senha", "factuur", "betaling"),
    *("buchungsbestätigung", "bestellbestätigung", "auftragsbestätigung", "versandbestätigung"),
    *("zahlungsbestätigung", "lieferschein", "sendungsnummer"),
    *("terugbetaling", "wachtwoord", "faktura", "kvitto", "betalning", "lösenord", "kvittering"),
    *("adgangskode", "passord", "faktur*", "płatność", "hasło", "lasku", "maksu", "счет", "счёт"),
    *("оплата", "платеж", "платёж", "пароль", "发票", "付款", "請求書", "お支払い"),
)
# Nouns that may as well mean a dealing yet to come.
MATTERS = (
    *("order", "account", "delivery", "package", "parcel", "shipment", "booking", "reservation"),
    *("subscription", "membership", "mailbox", "card", "credit card", "billing", "tax return"),
    *("bestellung", "auftrag", "konto", "kundenkonto", "lieferung", "paket", "sendung", "buchung"),
    *("reservierung", "abo", "abonnement", "mitgliedschaft", "postfach", "kreditkarte"),
    *("commande", "compte", "livraison", "colis", "réservation", "adhésion", "carte bancaire"),
    *("pedido", "cuenta", "entrega", "paquete", "envío", "reserva", "suscripción", "tarjeta"),
    *("ordine", "conto", "account", "consegna", "pacco", "spedizione", "prenotazione"),
    *("abbonamento", "encomenda", "conta", "pacote", "assinatura", "cartão", "bestelling"),
    *(
        "rekening",
        "levering",
        "pakket",
        "zending",
        "boeking",
        "beställning",
        "leverans",
        "försändelse",
    ),
    *(
        "bestilling",
        "konto",
        "levering",
        "pakke",
        "zamówienie",
        "zamówienia",
        "przesyłka",
        "paczka",
    ),
    *("tilaus", "tilaukse*", "paketti", "tili", "sipariş*", "hesab*", "kargo*", "заказ", "посылка"),
    *("аккаунт", "订单", "账户", "包裹", "ご注文", "アカウント", "お荷物"),
)
# What becomes of an order, a payment or an account.
STATES = (
    *("ready", "shipped", "dispatched", "on its way", "on the way", "out for delivery", "arrived"),
    *("arriving", "delivered", "delayed", "returned", "failed", "declined", "rejected", "pending"),
    *("unsuccessful", "could not be*", "couldn't be*", "overdue", "past due", "due", "unpaid"),
    *(
        "outstanding",
        "suspended",
        "locked",
        "blocked",
        "restricted",
        "limited",
        "disabled",
        "closed",
    ),
    *("deactivated", "compromised", "at risk", "on hold", "expired", "expires", "expiring"),
    *("will expire", "cancelled", "canceled", "confirmed", "processed", "received", "approved"),
    *("accepted", "refunded", "attached", "enclosed", "available", "waiting", "needs attention"),
    *("requires attention", "needs your attention", "is here", "has been", "was not", "incomplete"),
    *("bereit", "versandt", "verschickt", "versendet", "unterwegs", "zugestellt", "geliefert"),
    *("verspätet", "fehlgeschlagen", "abgelehnt", "überfällig", "fällig", "offen", "gesperrt"),
    *("eingeschränkt", "deaktiviert", "abgelaufen", "läuft ab", "storniert", "bestätigt", "ist da"),
    *("eingegangen", "erhalten", "erstattet", "angehängt", "im Anhang", "liegt bereit", "wartet"),
    *("nicht zugestellt", "prête", "prêt", "expédié*", "en route", "livré*", "retardé*", "échoué*"),
    *("refusé*", "rejeté*", "en retard", "impayé*", "suspendu*", "bloqué*", "verrouillé*"),
    *("désactivé*", "expiré*", "expire", "annulé*", "confirmé*", "reçu*", "remboursé*"),
    *("ci-joint*", "disponible*", "en attente", "arrivé*", "list*", "enviad*", "en camino"),
    *("entregad*", "retrasad*", "fallid*", "ha fallado", "rechazad*", "vencid*", "pendiente*"),
    *("suspendid*", "bloquead*", "desactivad*", "caducad*", "caduca", "cancelad*", "confirmad*"),
    *("recibid*", "reembolsad*", "adjunt*", "pront*", "spedit*", "in arrivo", "consegnat*"),
    *("in ritardo", "fallit*", "rifiutat*", "scadut*", "sospes*", "bloccat*", "annullat*"),
    *("confermat*", "ricevut*", "rimborsat*", "allegat*", "disponibil*", "a caminho", "entregue*"),
    *("atrasad*", "falhou", "recusad*", "vencida", "suspens*", "expirad*", "expirou", "recebid*"),
    *("klaar", "verzonden", "onderweg", "bezorgd", "mislukt", "geweigerd", "achterstallig"),
    *("opgeschort", "geblokkeerd", "verlopen", "geannuleerd", "bevestigd", "ontvangen"),
    *("skickad*", "på väg", "levererad*", "misslyckades", "förfallen", "spärrad*", "avbruten"),
    *("bekräftad*", "sendt", "på vej", "leveret", "mislykkedes", "forfalden", "spærret"),
    *("bekræftet", "bekreftet", "mottatt", "modtaget", "wysłan*", "w drodze", "dostarczon*"),
    *(
        "nieudan*",
        "odrzucon*",
        "zablokowan*",
        "zawieszon*",
        "potwierdzon*",
        "lähetetty",
        "matkalla",
    ),
    *("vahvistettu", "onaylandı", "kargoya verildi", "yolda", "askıya alındı", "отправлен*"),
    *("доставлен*", "заблокирован*", "подтвержден*", "подтверждён*", "просрочен*", "отклонен*"),
    *("was changed", "has been changed", "wurde geändert", "geändert", "modifié*", "modificad*"),
    *("modificat*", "gewijzigd", "ändrats", "zmieniono", "non è riuscit*", "non riuscit*"),
    *("in consegna", "disponív*", "não foi*", "no se ha podido*", "n'a pas pu*", "konnte nicht*"),
    *("kon niet*", "kunde inte*", "nie powiod*", "odrzucon*", "opłacon*"),
    *("已发货", "已确认", "已冻结", "逾期", "发送", "発送", "確認", "停止", "失敗"),
)
# Names of the papers that go with a dealing.
NOTICES = (
    *("confirmation", "reminder", "notification", "notice", "alert", "warning", "reset"),
    *("verification", "receipt", "failure", "problem", "error", "overdue", "bestätigung"),
    *("erinnerung", "mahnung", "warnung", "problem", "zurücksetzen", "confirmée"),
)
# These do so only where they end what is said: "your order details", "your account status".
DETAILS = (
    *("details", "update", "status", "information", "info", "summary", "number", "history"),
    *("activity", "inside", "enclosed", "copy", "document", "documents", "statement"),
)
# What somebody writes who has a matter to settle with the reader.
LEADS = (
    *("about", "regarding", "concerning", "update on", "problem with", "a problem with"),
    *("issue with", "trouble with", "question about", "changes to", "received", "shipped"),
    *("dispatched", "process", "charge", "deliver", "thanks for", "thank you for", "we have"),
    *("confirmation of", "confirmation de", "conferma del", "conferma della", "conferma di"),
    *("confirmación de", "confirmação do", "confirmação da", "confirmação de"),
    *("bevestiging van", "bekräftelse på", "bekræftelse på", "potwierdzenie"),
    *(
        "error with",
        "zu",
        "bezüglich",
        "betreffend",
        "betrifft",
        "betreff",
        "danke für",
    ),
    *("vielen dank für", "problem mit", "frage zu", "concernant", "au sujet de", "merci pour"),
    *(
        "problème avec",
        "sobre",
        "acerca de",
        "gracias por",
        "problema con",
        "riguardo",
        "grazie per",
    ),
    *("problema con il", "obrigado por", "bedankt voor", "probleem met", "over", "angående"),
    *("tack för", "vedrørende", "tak for", "takk for", "dotyczy"),
)
# Words after which "your order" is a purchase yet to come: "20 % off your order".
PROSPECTS = (
    *("off", "on", "with", "for", "to", "off of", "in", "at", "add", "next", "first", "every"),
    *("auf", "für", "bei", "mit", "in", "sur", "pour", "avec", "en", "con", "para", "sul", "op"),
    *("bij", "på", "med", "na", "na", "из", "на", "к", "customise", "customize", "place", "start"),
)
FUTURE = (
    *("next", "first", "new", "nächste*", "erste*", "neue*", "prochaine", "premier", "première"),
    *("próximo", "próxima", "primer", "primera", "prossimo", "primo", "volgende", "eerste"),
    # "Ton avis compte", "tu voz cuenta": what is a noun elsewhere is a verb after these.
    *("avis", "voix", "vote", "geste", "aide", "temps", "vie", "opinión", "voz", "voto", "ayuda"),
    *("tiempo", "opinione", "voce", "aiuto", "tempo", "opinião", "ajuda"),
    *("nästa", "första", "næste", "første", "następne", "pierwsze", "следующий", "первый"),
)
# "Your package holiday", "your account manager": the noun is only part of another one.
COMPOUNDS = (
    *(
        "manager",
        "holiday",
        "holidays",
        "form",
        "guide",
        "ideas",
        "tour",
        "tips",
        "options",
        "game",
    ),
    *("history", "question", "questions", "window", "habits", "rights", "partner", "app"),
    *("team", "day", "club", "plan", "design", "holder", "box", "benefits", "perks", "rewards"),
)
# What makes a sentence a lesson instead of a message.
LESSONS = (
    *(
        "how",
        "why",
        "what",
        "if",
        "when",
        "ways",
        "guide",
        "tips",
        "avoid",
        "never",
        "no",
        "before",
    ),
    *("after", "once", "until", "understanding", "explained", "template", "templates", "examples"),
    *("wie", "warum", "wenn", "falls", "keine", "nie", "tipps", "vorlagen", "sobald", "bevor"),
    *("comment", "pourquoi", "si", "quand", "jamais", "conseils", "modèles", "cómo", "por qué"),
    *("cuando", "nunca", "consejos", "plantillas", "come", "perché", "quando", "se", "consigli"),
    *("como", "hoe", "waarom", "als", "hur", "varför", "hvordan", "hvorfor", "jak", "dlaczego"),
    *("как", "почему", "если", "如何", "为什么"),
)
DEMANDS = (
    *("confirm", "verify", "validate", "re-confirm", "authenticate", "reactivate", "unlock"),
    *("re-activate", "re-verify", "re-validate"),
    *(
        "bestätigen sie",
        "bestätige",
        "bestätigt",
        "verifizieren sie",
        "verifiziere",
        "bitte bestätigen",
    ),
    *("prüfen sie", "überprüfen sie", "entsperren sie", "confirmez", "confirme", "vérifiez"),
    *("vérifie", "validez", "confirma", "confirme", "verifica", "verifique", "valida", "valide"),
    *("conferma", "confermi", "verifichi", "confirme a", "confirme o", "bevestig", "verifieer"),
    *("bekräfta", "verifiera", "bekræft", "bekreft", "potwierdź", "zweryfikuj", "vahvista"),
    *("подтвердите", "проверьте", "确认", "验证"),
)
UPDATES = (
    *("update", "review", "check", "restore", "aktualisieren sie", "aktualisiere"),
    *("mettez à jour", "actualice", "actualiza", "aggiorna", "atualize", "werk", "uppdatera"),
)
POLITE = (
    "please",
    "bitte",
    "veuillez",
    "por favor",
    "per favore",
    "urgent",
    "important",
    "wichtig",
    "you have",
    "you have got",
    "you've got",
    "you got",
    "sie haben",
    "du hast",
    "vous avez",
    "tu as",
    "tienes",
    "tiene",
    "hai",
    "hai ricevuto",
    "u heeft",
    "je hebt",
    "masz",
    "a",
    "an",
    "eine",
    "un",
    "une",
    "una",
    "uma",
    "een",
    "il",
    "la",
)
# A confirmed seat is no dealing: an invitation may ask for it.
INVITED = (
    *("seat", "place", "spot", "attendance", "registration", "rsvp", "ticket", "visit", "interest"),
    *("platz", "teilnahme", "anmeldung", "place", "présence", "participation", "inscription"),
    *("plaza", "asistencia", "posto", "presenza", "lugar", "presença", "plek", "plats", "plads"),
)
