"""Words that ask a reader to bring in others, and words that promise something for it."""

# ruff: noqa: RUF001, ISC004, E501  # letters that look like Latin ones; long patterns in a row

import re

# What is asked: for text as `words.plain` gives it. Each begins at a word and is bounded.
_ASKED = (
    # English
    r"\bforward (?:this|it|the|our|to)\b|\bpass (?:this|it) (?:on|along)\b",
    r"\bsend (?:this|it) (?:email |e-mail |newsletter )?to (?:a|your|\d+|some|as many|the)\b",
    r"\b(?:refer|invite|recommend|tell|bring|introduce|sign up|add|email|e-mail|nominate)\b"
    r"[^.!?]{0,40}\b(?:friends?|colleagues?|family|famil(?:y|ies)|neighbou?rs?|contacts|someone|"
    r"others|people|buddies|co-?workers?|new (?:reader|subscriber|customer)s?)\b",
    r"\brefer-a-friend\b|\breferrals?\b|\bshare (?:this|it|your|the|us|our)\b|\bspread the word\b",
    # German
    r"\bweiter(?:leite|zuleite|empfehl|sag|schick)|\bleite[nt]?\b[^.!?]{0,40}\bweiter\b",
    r"\bschick[et]*n?\b[^.!?]{0,40}\b(?:weiter|freund)",
    r"\b(?:freund|bekannt|kolleg|famili)\w{0,6}\b[^.!?]{0,30}\b(?:werb|einlad|empfehl|weiter)",
    r"\b(?:wirb|lad|empfiehl|empfehlen|werben|teile|teilen)\b[^.!?]{0,40}"
    r"\b(?:freund|bekannt|kolleg|famili|newsletter|link|code|mail)",
    # French
    r"\b(?:transf[ée]rez|faites suivre|partagez|parrainez|parrainage|invitez|recommandez)\b",
    # Spanish and Portuguese
    r"\b(?:reenv[íi]a|reenv[íi]e|comparte|comparta|invita|invite|recomienda|trae|refiere)\b"
    r"[^.!?]{0,40}\b(?:amig|contact|correo|email|enlace|c[óo]digo|newsletter|bolet)",
    r"\b(?:encaminhe|encaminha|indique|convide|compartilhe|partilhe|recomende)\b",
    # Italian
    r"\b(?:inoltra|inoltrate|invita|presenta|consiglia|condividi|porta)\b[^.!?]{0,40}"
    r"\b(?:amic|contatt|mail|link|codice|newsletter)",
    # Dutch and the languages of the north
    r"\bstuur\b[^.!?]{0,40}\bdoor\b|\bdoorstur|\bnodig\b[^.!?]{0,40}\buit\b|\bdeel (?:deze|dit|je)\b",
    r"\b(?:vidarebefordra|videresend|bjud in|tipsa|värva|inviter|invitér|anbefal|jaa ystäv|kutsu)",
    # The languages of the east
    r"\b(?:prześlij|poleć|zaproś|udostępnij|podziel się|přepošl|pozvi|doporuč|továbbít|hívd meg)",
    r"\b(?:перешли|пригласи|порекомендуй|поделись|приведи|запроси)",
    r"\b(?:arkadaşın|arkadaşlar)\w{0,8}\b|\bπροσκαλέσ|\bπροωθήσ",
    r"転送|紹介|友だち|友達|转发|轉發|邀请好友|邀請好友|推荐给|分享给|친구",
)
_SUM = r"(?:[$€£¥]\s?\d|(?<!\d)\d{1,9}\s?(?:[$€£¥%]|euros?\b|eur\b|usd\b|dollars?\b|pounds?\b|zł|kr\b|руб))"
# What is promised for it: a discount that merely stands beside the request is none.
_PROMISED = (
    # English
    r"\b(?:get|gets|earn|receive|collect|claim|save|we'?ll (?:give|send|pay)|thank you with)\b"
    rf"[^.!?]{{0,40}}(?:{_SUM}|\b(?:free|gift|voucher|credit|points|month|discount|coupon|mug|shirt)s?\b)",
    r"\b(?:rewards?|rewarded|bonus(?:es)?|prizes?|commissions?|raffle|sweepstakes?|giveaway)\b",
    rf"\bearn\b|\bwin (?:a|an|one|up to|\d)\b|{_SUM}\s?(?:credit|voucher|for (?:you|each|every))",
    # German
    rf"\b(?:erhalt|bekomm|kassier|sicher|sammel|schenken wir|spar)[^.!?]{{0,40}}(?:{_SUM}|\b(?:gutschein|"
    r"geschenk|gratis|freimonat|punkt|guthaben|rabatt|prämie))",
    r"\b(?:prämie|belohn|verlos|gewinn(?:e|en|t)? (?:sie |du )?(?:ein|\d)|werbeprämie|dankeschön)",
    # French, Spanish, Portuguese, Italian
    rf"\b(?:recevez|gagnez|obtenez|cumulez)\b[^.!?]{{0,40}}(?:{_SUM}|\b(?:offert|cadeau|bon|remise|point|mois))",
    r"\brécompens|\btirage au sort",
    rf"\b(?:recib[ea]s?|gan[ae]s?|obt[ée]n|llévate|ganh[ae]|receb[ae])\b[^.!?]{{0,40}}(?:{_SUM}|\b(?:regalo|"
    r"gratis|grátis|cr[ée]dito|descuento|desconto|puntos|pontos|premio|prêmio|brinde|mes|mês))",
    r"\brecompens|\bsorteo|\bsorteio",
    rf"\b(?:ricevi|guadagn|ottieni|vinci)\w*[^.!?]{{0,40}}(?:{_SUM}|\b(?:sconto|buono|punti|omaggio|premio|mese))",
    # Dutch and the languages of the north
    rf"\b(?:ontvang|krijg|verdien|spaar|win|få|får|tjäna|vinn|saa|ansaitse)\w*[^.!?]{{0,40}}(?:{_SUM}|\b(?:cadeau|"
    r"tegoed|korting|punten|gratis|presentkort|rabatt?|gavekort|bonus|lahja|alennu))",
    r"\bbeloning|\bbelöning|\bbelønning|\bpalkkio",
    # The languages of the east
    rf"\b(?:otrzymaj|zyskaj|odbierz|získej|dostane|kapsz|nyerj|получи|заработа|отримай|kazan)\w*"
    rf"[^.!?]{{0,40}}(?:{_SUM}|\b(?:nagrod|zniżk|bon|odměn|slev|kupon|kedvezmény|скидк|бонус|подар|знижк|puan|indirim))",
    r"\b(?:nagrod|odměn|jutalom|вознагражд)|特典|プレゼント|ポイント.{0,6}(?:進呈|もらえ|獲得)|奖励|獎勵|赢取|혜택|적립",
)
# What ties a promise to the request of the sentence before or after it.
_TYING = (
    r"\bfor (?:each|every)\b|\bper (?:friend|referral)|\bin return\b|\bas a thank|\byou both\b|"
    r"\bboth of you\b|\b(?:when|if|once|after) (?:they|she|he|your friends?)\b|\byour friends? gets?\b",
    r"\bdafür\b|\bals dank|\bfür jede[nrs]?\b|\bsobald\b|\bpour chaque\b|\ben échange\b|\bpor cada\b|"
    r"\ba cambio\b|\bem troca\b|\bper ogni\b|\bin cambio\b|\bvoor elke\b|\bin ruil\b|\bför varje\b|"
    r"\bza każd|\bza každ|\bза кажд|每|ごとに",
)
# Words that every request holds one of, whole or as the first five letters of longer ones, and the
# signs of languages without spaces: most texts and nearly all sentences need no closer look.
WHOLE = frozenset(
    str.split(
        """
        forward pass send refer referral referrals invite recommend tell bring introduce sign add
        email mail nominate share spread wirb lade ladt lädt lad door deel vidar jaa udost kutsu
        """
    )
)
HEADS = frozenset(
    str.split(
        """
        weite leite schic freun bekan kolle famil empfi empfe werbe teile trans faite parta parra
        invit recom comen reenv compa trae refie encam indiq convi parti inolt prese consi condi
        porta stuur doors nodig vider bjud tipsa värva anbef prześ poleć zapro udost podzi přepo
        pozvi dopor továb hívd переш пригл порек подел приве запро arkad προσκ προωθ
        """
    )
)
SIGNS = frozenset("転紹友转轉邀推分친")
ASKED = tuple(map(re.compile, _ASKED))
PROMISED = tuple(map(re.compile, _PROMISED))
TYING = tuple(map(re.compile, _TYING))
