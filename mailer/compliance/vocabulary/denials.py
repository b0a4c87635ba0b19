"""The claim to be no advertising, which the law reads as a proof of the contrary."""

# What the claim is made of in English; other languages say it in fewer ways.
THIS = ("this", "it", "email", "e-mail", "mail", "message", "letter", "notice", "communication")
WRITING = (
    *("email", "e-mail", "mail", "message", "communication", "newsletter", "letter", "notice"),
    *("material", "purposes", "content"),
)
DENIALS = (
    *("ist keine Werbung", "ist keine Werbe*", "ist keine Marketing*", "ist keine Reklame"),
    *("ist kein Werbe*", "ist nicht Werbung", "nicht um Werbung", "nicht um eine Werbe*"),
    *("nicht um Reklame", "stellt keine Werbung dar", "dient nicht der Werbung"),
    *("n'est pas une publicité", "n'est pas de la publicité", "n'est pas un e-mail publicitaire"),
    *("n'est pas un email publicitaire", "n'est pas un message publicitaire"),
    *("n'est pas un courriel publicitaire", "n'est pas un courrier publicitaire"),
    *("n'est pas un mail publicitaire", "n'est pas un e-mail marketing"),
    *("n'est pas un message commercial", "n'a pas de caractère publicitaire"),
    *("no es publicidad", "no es una publicidad", "no es un anuncio", "no es propaganda"),
    *(
        "no es un correo publicitario",
        "no es un mensaje publicitario",
        "no es un email publicitario",
    ),
    *("no es un correo comercial", "no es un correo de marketing", "no es un mensaje comercial"),
    *("non è pubblicità", "non è una pubblicità", "non è un messaggio pubblicitario"),
    *("non è un'email pubblicitaria", "non è una mail pubblicitaria", "non è un annuncio"),
    *("não é publicidade", "não é uma publicidade", "não é um anúncio", "não é propaganda"),
    *("não é um e-mail publicitário", "não é um e-mail de marketing"),
    *("is geen reclame", "is geen advertentie", "is geen marketing*", "is geen reclamemail"),
    *("är inte reklam", "är ingen reklam", "är inte ett reklam*", "er ikke reklame"),
    *("er ingen reklame", "er ikke en reklame", "er ikke et reklame*", "nie jest reklamą"),
    *("nie stanowi reklamy", "ei ole mainos", "reklam değildir", "не является рекламой"),
    *("это не реклама", "не є рекламою", "není reklama", "nem reklám", "nu este o reclamă"),
    *("δεν είναι διαφήμιση", "ليست إعلانا", "אינה פרסומת", "不是广告", "并非广告", "不是廣告"),
    *("広告ではありません", "광고가 아닙니다"),
)
