"""What a subject may promise in one word, and the words that tell nothing of the content."""

from mailer.compliance.vocabulary.bargains import FREE

# A thing that is promised must be in the message, under one of the names of its row.
THINGS = (
    (
        *("voucher*", "coupon*", "gift card*", "promo code*", "discount code*", "gutschein*"),
        *("rabattcode*", "bon d'achat", "bons d'achat", "code promo*", "chèque cadeau", "cupón*"),
        *(
            "cupon*",
            "vale",
            "código*",
            "buono",
            "codice sconto",
            "cupom",
            "kortingscode*",
            "waardebon*",
        ),
        *("presentkort*", "gavekort*", "rabattkod*", "rabatkode*", "kupon*", "купон*", "промокод*"),
        *("优惠券", "クーポン", "쿠폰", "code"),
    ),
    (
        *("gift", "gifts", "present", "presents", "giveaway*", "freebie*", "geschenk*", "cadeau*"),
        *("regalo*", "obsequio*", "omaggio", "presente*", "brinde*", "cadeautje*", "gåva*", "gave"),
        *("prezent*", "подар*", "礼物", "プレゼント", "선물"),
    ),
    ("webinar*", "web seminar*", "online seminar*", "online-seminar*", "masterclass*", "workshop*"),
    ("ebook*", "e-book*", "whitepaper*", "white paper*", "pdf", "checklist*", "checkliste*"),
    (
        *("giveaway*", "raffle*", "sweepstake*", "prize*", "gewinnspiel*", "verlosung*", "gewinn*"),
        *(
            "concours",
            "tirage",
            "sorteo*",
            "concurso*",
            "concorso*",
            "sorteio*",
            "winactie*",
            "win",
        ),
    ),
    FREE,
)
# Too common to say what a message is about, or about the message itself.
_EMPTY = """
    the and for you your our with from this that these those what when where which who why how
    are was were will would can could should have has had not but all any more most here there
    now new get got let its his her their they them into out off over just only about than then
    too very still yet while ever never always again also after before until one some every each
    other newsletter news update updates issue edition digest weekly monthly daily week month
    year today tomorrow letter volume inside read see look dont
    youre were der die das den dem des ein eine einen einem einer und oder für mit von vom zum
    zur bei aus auf ist sind war wird werden hat haben nicht auch noch nur mehr alle alles ihr
    ihre ihren dein deine unser unsere wir sie man wie was wer wann warum hier jetzt neu neue
    neues neuer neuen ausgabe woche monat jahr heute morgen rundbrief les des une aux pour avec
    dans sur par est sont pas plus tout tous vos votre nos notre que qui quoi quand comment
    cette ces nouveau nouvelle nouveautés lettre semaine mois aujourdhui los las una unos del
    para con por que como cuando donde este esta estos son más todo todos sus nuestro nuestra
    nuevo nueva boletín semana mes hoy gli una del della dei per con che come quando dove questo
    questa sono più tutto tutti nuovo nuova settimana mese oggi uma dos das com por que como
    quando este esta são mais todo novo nova het een van voor met dat deze zijn niet meer alle
    onze nieuwe nieuw och med för att det den som inte mer alla våra nya nytt til ikke mere alle
    vores nye nyt
"""
EMPTY = frozenset(_EMPTY.split())
# A number after one of these counts the messages, not what is in them.
NUMBERED = (
    *("issue", "no", "nr", "number", "vol", "volume", "edition", "episode", "ep", "part", "week"),
    *("ausgabe", "nummer", "folge", "teil", "kw", "numéro", "n", "édition", "semaine", "número"),
    *(
        "num",
        "edición",
        "semana",
        "numero",
        "edizione",
        "settimana",
        "edição",
        "editie",
        "uge",
        "vecka",
    ),
)
