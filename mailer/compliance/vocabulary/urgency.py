"""Words by which a subject hurries its reader."""

# ruff: noqa: RUF001 - words of other alphabets are meant

# Before the end of a period: "ends …", "until …".
UNTIL = (
    *(
        "ends",
        "end",
        "ending",
        "until",
        "till",
        "til",
        "by",
        "before",
        "closes",
        "close",
        "closing",
    ),
    *("expires", "expire", "deadline", "through", "thru", "bis", "endet", "enden", "vor"),
    *("schließt", "läuft ab", "läuft bis", "jusqu'au", "jusqu'à", "jusqu'a", "avant", "se termine"),
    *("termine", "prend fin", "expire", "finit", "hasta", "termina", "antes de", "antes del"),
    *("acaba", "finaliza", "caduca", "fino a", "fino al", "entro", "scade", "finisce", "até"),
    *("acaba", "encerra", "tot", "eindigt", "t/m", "stopt", "till och med", "slutar", "senast"),
    *(
        "indtil",
        "til",
        "slutter",
        "senest",
        "inntil",
        "tylko do",
        "ważne do",
        "kończy się",
        "wygasa",
        "do końca",
    ),
    *("до", "заканчивается", "asti", "mennessä", "päättyy", "kadar", "bitiyor", "截止", "截至"),
)
# After the end of a period, where a language puts it there: "本日まで".
UNTIL_AFTER = ("まで", "迄", "前", "까지", "kadar", "asti", "mennessä", "saakka")
# "The last day of Pompeii" hurries nobody, but "the last day of the sale" does.
NO_SALE = (
    r"(?! of (?!(?:the |our |this |my |your )?(?:\w+ )?(?:sales?|offers?|deals?|promo\w*|"
    r"discounts?|registration|savings|campaign|entries) ))"
)
# What may stand between: "until the end of this Sunday", "bis zum kommenden Sonntag".
LINKS = (
    *(
        "the",
        "this",
        "next",
        "coming",
        "on",
        "at",
        "of",
        "end",
        "in",
        "zum",
        "dem",
        "den",
        "diesen",
    ),
    *("kommenden", "am", "um", "le", "la", "ce", "cette", "fin", "dimanche soir", "el", "este"),
    *("esta", "al", "a las", "a", "il", "questa", "questo", "alle", "à", "às", "o", "de", "om"),
    *("op", "en met", "den", "på", "kl", "i", "w", "niedzielę", "only", "noch", "nur", "midnight"),
)
TODAY = (
    *("today", "heute", "aujourd'hui", "hoy", "oggi", "hoje", "vandaag", "idag", "i dag"),
    *("dziś", "dzisiaj", "tänään", "bugün", "сегодня", "今日", "本日", "今天", "오늘"),
)
TONIGHT = (
    *("tonight", "midnight", "heute abend", "heute nacht", "mitternacht", "ce soir", "minuit"),
    *(
        "esta noche",
        "medianoche",
        "stasera",
        "stanotte",
        "mezzanotte",
        "hoje à noite",
        "meia-noite",
    ),
    *("vanavond", "vannacht", "middernacht", "ikväll", "midnatt", "i aften", "midnat", "i kveld"),
    *("północ*", "полуноч*", "dziś wieczorem", "今夜", "今晚", "午夜", "오늘 밤", "자정"),
)
TOMORROW = (
    *("tomorrow", "morgen", "demain", "mañana", "domani", "amanhã", "imorgon", "i morgen", "jutra"),
    *("jutro", "huomenna", "yarın", "завтра", "明日", "明天", "내일"),
)
ONLY = (
    *("only", "just", "nur", "seulement", "uniquement", "solo", "sólo", "solamente", "únicamente"),
    *("soltanto", "só", "somente", "apenas", "alleen", "slechts", "bara", "endast", "kun", "bare"),
    *("tylko", "vain", "sadece", "только", "限り", "限定", "仅限", "只限", "만"),
)
LAST_DAY = (
    *("last day", "final day", "one day only", "1 day only", "letzter tag", "letzte tag"),
    *("nur einen tag", "nur noch heute", "dernier jour", "último día", "último dia"),
    *("ultimo giorno", "laatste dag", "sista dagen", "sista dag", "sidste dag", "siste dag"),
    *("ostatni dzień", "viimeinen päivä", "son gün", "последний день", "最后一天", "最終日"),
    *(
        "마지막 날",
        "今日限り",
        "本日限り",
        "本日限定",
        "仅限今天",
        "仅此一天",
        "오늘만",
        "היום בלבד",
    ),
    *("רק היום", "اليوم فقط"),
)
LAST_CHANCE = (
    *("last chance", "final chance", "last call", "final call", "last minute", "ends soon"),
    *("ending soon", "almost over", "nearly over", "almost gone", "nearly gone", "running out"),
    *("final countdown", "final reminder", "final days", "last days", "going fast", "hurry"),
    *("act now", "don't miss out", "before it's gone", "before it's too late", "while stocks last"),
    *("letzte chance", "letzte gelegenheit", "letzter aufruf", "endet bald", "nur noch kurz*"),
    *("letzte tage", "schnell sein", "jetzt zuschlagen", "solange der vorrat reicht", "beeil*"),
    *("dernière chance", "dernière occasion", "derniers jours", "se termine bientôt", "dépêchez*"),
    *("última oportunidad", "última llamada", "últimos días", "termina pronto", "date prisa"),
    *("ultima occasione", "ultima chance", "ultimi giorni", "ultima possibilità", "última chance"),
    *("última oportunidade", "últimos dias", "laatste kans", "laatste dagen", "wees er snel bij"),
    *("sista chansen", "sidste chance", "siste sjanse", "ostatnia szansa", "ostatnie dni"),
    *("viimeinen mahdollisuus", "son şans", "son fırsat", "последний шанс", "спешите"),
    *("最后机会", "最後機會", "ラストチャンス", "마지막 기회", "فرصة أخيرة", "הזדמנות אחרונה"),
)
LAST_HOURS = (
    *("few hours left", "wenige stunden", "quelques heures", "pocas horas", "poche ore"),
    *("poucas horas", "enkele uren", "paar uur", "några timmar", "kilka godzin", "あと数時間"),
    *("final hours", "last hours", "hours left", "letzte stunden", "letzten stunden"),
    *("dernières heures", "últimas horas", "ultime ore", "laatste uren", "sista timmarna"),
    *("sidste timer", "siste timer", "ostatnie godziny", "son saatler", "последние часы"),
)
WEEKEND = (
    *("weekend", "week-end", "wochenende", "fin de semana", "fine settimana", "fim de semana"),
    *("helg", "helgen", "hafta sonu", "выходные", "周末", "週末", "주말"),
)
WEEK = (
    "week",
    "woche",
    "semaine",
    "semana",
    "settimana",
    "vecka",
    "uge",
    "uke",
    "tydzień",
    "неделя",
)
HOURS = (
    *("hour", "hours", "hr", "hrs", "h", "stunde", "stunden", "std", "heure", "heures", "hora"),
    *("horas", "ora", "ore", "uur", "uren", "timme", "timmar", "timer", "godzin*", "saat"),
    *("час", "часа", "часов", "tuntia", "小时", "時間", "시간"),
)
DAYS = (
    *("day", "days", "tag", "tage", "tagen", "jour", "jours", "día", "días", "dia", "dias"),
    *("giorno", "giorni", "dag", "dagen", "dagar", "dage", "dager", "dzień", "dni", "gün", "день"),
    *("дня", "дней", "päivää", "天", "일", "日", "日間"),
)
LEFT = (
    *("left", "only", "last", "final", "remaining", "remain", "to go", "more", "just", "ends in"),
    *("noch", "nur", "letzte*", "endet in", "plus que", "reste", "restent", "dernier*", "dernièr*"),
    *("seulement", "encore", "quedan", "queda", "solo", "sólo", "últim*", "ultim*", "mancano"),
    *("restam", "faltam", "nog", "slechts", "laatste", "kvar", "bara", "tilbage", "igjen", "kun"),
    *(
        "zostało",
        "zostały",
        "pozostało",
        "pozostały",
        "tylko",
        "kaldı",
        "sadece",
        "осталось",
        "только",
        "jäljellä",
    ),
    *(
        "只剩",
        "还剩",
        "残り",
        "あと",
        "남은",
        "deal",
        "flash",
        "sale",
        "angebot",
        "aktion",
        "promo",
    ),
)
