"""Words of sexual content; they count only in mail that says itself that it is of that kind."""

# ruff: noqa: RUF001 - words of other alphabets are meant

WORDS = (
    *("sex*", "xxx*", "porn*", "nude*", "nudity", "naked", "horny", "hardcore", "erotic*"),
    *("fuck*", "blowjob*", "milf*", "cumshot*", "orgasm*", "pussy", "cock", "cocks", "dick"),
    *("tits", "titties", "boobs", "anal", "fetish*", "bdsm", "escort*", "masturbat*", "stripper*"),
    *("topless", "slut*", "whore*", "threesome*", "gangbang*", "camgirl*", "hentai", "onlyfans"),
    *("penis", "vagina*", "dildo*", "vibrator*", "lingerie", "nackt*", "geil*", "erotik*"),
    *(
        "fick*",
        "muschi",
        "titten",
        "nutte*",
        "hure*",
        "schlampe*",
        "sexe*",
        "nue",
        "nues",
        "salope*",
    ),
    *("baise*", "coquine*", "érotique*", "sexo", "sexual*", "desnud*", "follar", "tetas"),
    *("puta*", "erótic*", "cachond*", "sesso", "nuda", "scopare", "eroti*"),
    *("pelad*", "gostosa*", "naakt*", "seks*", "neuken", "naken*", "nøgen*", "knull*"),
    *("секс*", "порно*", "голые", "голая", "эротик*", "çıplak", "porno*"),
    *("成人视频", "色情", "裸体", "性爱", "エロ", "アダルト動画", "ヌード", "야동", "섹스", "누드"),
    *("جنس*", "عارية", "סקס", "עירום"),
)
