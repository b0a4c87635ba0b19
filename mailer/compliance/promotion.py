"""Words by which a line of text advertises, or deals with a transaction, language by language.

All patterns are for text as `words.plain` gives it: case folded, compatibility forms resolved.
"""

# ruff: noqa: RUF001  # letters that look like Latin ones are what this is about

import re

from mailer.compliance.words import plain

_PROMOTIONS = (
    # English
    r"\d ?(?:%|percent\b|per cent\b) (?:off|discount|cheaper)\b",
    r"\bsave (?:up to |an extra )?(?:[$€£]\s?\d|\d+ ?[%$€£])",
    r"\b(?:shop|buy|upgrade|order|book) (?:it |them |yours )?(?:now|today)\b|\bstart shopping\b",
    r"\b(?:special|limited|exclusive|great|best|hot|top)[ -](?:time )?(?:offer|deal|saving)s?\b",
    r"\b(?:summer|winter|spring|autumn|fall|flash|clearance|holiday|christmas|season) sale\b",
    r"\b(?:our|big|biggest|annual|final|mega|weekend|anniversary) sale\b",
    r"\bsale (?:ends|starts|now|is on)\b|\bon sale (?:now|today|until)\b",
    r"^\W*(?:the )?(?:big )?sale\W*$",
    r"\bblack friday\b|\bcyber monday\b|\bsingles day\b|\bprime day\b",
    r"\b(?:promo|coupon|discount|voucher) codes?\b",
    r"\bcode \S{1,30} (?:for|to (?:get|save)|at checko)",
    r"\bfree (?:shipping|delivery|gift|trial)s? (?:on|for|when|with|over|from|inside)\b",
    r"\byou(?:'|\u2019)?(?: may| might|d|ll)? (?:also )?(?:like|love|enjoy) these\b",
    r"\b(?:may|might) also (?:like|love|enjoy)\b|\brecommended for you\b",
    r"\balso (?:bought|viewed)\b",
    r"\blimited[ -]time\b|\bwhile (?:stocks?|supplies) lasts?\b|\bbest ?sellers?\b",
    r"\bnew arrivals\b",
    r"\boff your (?:next|first)\b|\bbargains?\b|\brefer a friend\b|\bhurry\b|\bgo premium\b",
    r"\bupgrade (?:to|your plan to) (?:premium|pro|plus|gold|business)\b",
    r"\bdeals? of the (?:day|week)\b",
    # German
    r"\d ?(?:%|prozent) (?:rabatt|nachlass|sparen|günstiger|reduziert|gespart|auf )",
    r"\b(?:rabatt|gutschein|aktions)(?:code|aktion)s?\b|\bmit (?:dem )?code\b|\bschnäppchen",
    r"\bjetzt (?:im angebot|kaufen|shoppen|bestellen|sichern|zugreifen|sparen|zuschlagen)\b",
    r"\b(?:sonder|top|tages|wochen)angebote?\b",
    r"\bangebote? (?:der woche|des monats|endet|sichern)\b",
    r"schlussverkauf\b|räumungsverkauf\b|\b(?:im|gro(?:ss|ß)er|sommer|winter|summer) ?-?sale\b",
    r"\bkönnte (?:dir|ihnen|euch) (?:auch )?gefallen\b|\bkunden kauften auch\b",
    r"\bversandkostenfrei ab\b",
    r"\bnur (?:noch )?(?:heute|für kurze zeit)\b|\bsparen sie\b|\bspare (?:bis|jetzt|\d)",
    # French
    r"\d ?% (?:de (?:réduction|remise|rabais)|offerts?|sur (?:tout|toute|votre|vos|la|le|les)\b)",
    r"\bcodes? promo\b|\bj(?:'|\u2019)en profite\b|\bprofitez[ -](?:en|de|d(?:'|\u2019)|vite)",
    r"\bsoldes\b",
    r"\bachete[zr] (?:maintenant|vite)\b|\boffres? (?:spéciale|exclusive|limitée|promo)",
    r"\bventes? (?:flash|privée)|\b(?:aimerez|pourriez) (?:aussi|également)\b|\bbons? plans?\b",
    r"\blivraison (?:gratuite|offerte) (?:dès|à partir)|\bdans la limite des stocks",
    # Spanish and Portuguese
    r"\d ?% (?:de )?(?:descuento|dto\b|desconto)",
    r"\b(?:rebajas|liquidaci[óo]n|liquidação|imperd[íi]ve)",
    r"\bcompr[ae] (?:ahora|ya|agora|já)\b",
    r"\bofertas? (?:especia|exclusiv|limitad|del d|de la sem|do dia)",
    r"\bc[óo]digo (?:de )?(?:descuento|desconto|promo)|\baprovech[ae]\b|\baproveite\b|\bcupom\b",
    r"\bcupón de",
    r"\btambién te (?:puede|podría)|\btambém pode gostar\b|\bno te lo pierdas\b",
    r"\bahorra (?:hasta|un|\d)",
    r"\benvío gratis (?:en|a partir|desde)\b|\bfrete grátis (?:em|acima|a partir)",
    # Italian
    r"\d ?% di sconto|\bsconto del \d|\b(?:acquista|compra) (?:ora|subito)\b|\bapprofitta",
    r"\boffert[ae] (?:special|limitat|esclusiv|del giorno)|\bcodice (?:sconto|promo)|\bsaldi\b",
    r"\bpotrebbe(?:ro)? (?:anche )?(?:piacerti|interessarti)",
    r"\bspedizione gratuita (?:da|per ordini)",
    # Dutch and the languages of the north
    r"\d ?% (?:korting|goedkoper|rabatt?|avslag|alennus|ale\b)",
    r"\b(?:koop|shop|bestel|köp|køb|handla) nu\b",
    r"\b(?:kjøp|handle) nå\b|\bosta nyt\b|\b(?:kortings|actie|rabat|rabatt)(?:code|kod|kode)\b",
    r"\baanbieding(?:en)?\b|\buitverkoop\b|\berbjudanden?\b|\brea\b|\butförsäljning",
    r"\btarjou(?:s|kset)\b",
    r"\b(?:godt|gode|særlige?|vores|våre) tilbud\b|\bmisschien vind je\b|\bprofiteer\b",
    # The languages of the east
    r"\d ?% (?:taniej|rabatu|zniżki|slev|kedvezmény|reducere)|\bkup teraz\b",
    r"\bkupte (?:hned|nyní|teď)",
    r"\bpromocj[aei]|\bwyprzedaż|\bkod rabatowy|\bslevov|\bvýprodej|\bcumpără acum|\bakciós\b",
    r"\bindirim|\bhemen (?:al|satın)\b|\bfırsat|έκπτωσ|εκπτώσε|\bπροσφορ[άέ]|\bαγοράστε τώρα",
    r"\bскидк[аиоу]|\bраспродаж|\bкупи(?:ть|те) (?:сейчас|сегодня)|\bпромокод|\bзнижк|\bрозпродаж",
    r"セール|割引|クーポン|お買い得|今すぐ購入|おすすめ商品|%\s?(?:off|オフ)|折扣|优惠|優惠|促销|促銷",
    r"立即(?:购买|購買)|特价|特價|限时|限時|할인|세일|쿠폰|지금 구매|특가",
    r"خصم|تخفيضات|عرض خاص|تسوق الآن|اشتر الآن|מבצע|% ?הנחה|קנו עכשיו",
    # Any language
    r"(?:^|\s)[-\u2212\u2013]\s?\d\d ?%",
)
# One by one they are searched faster than as alternatives of one pattern.
_PATTERNS = tuple(map(re.compile, _PROMOTIONS))
_DEALINGS = re.compile(
    # English
    r"\b(?:orders?|ordered|invoices?|receipts?|payments?|paid|(?:sub)?total|refund(?:ed)?|delivery|"
    r"shipp(?:ed|ing|ment)|tracking|booking|booked|reservation|appointment|tickets?|account|password|"
    r"sign[ -]?in|log[ -]?in|verif(?:y|ication)|statement|balance|amount|due|renew(?:al|s|ed)|"
    r"warranty|recall(?:ed)?|safety|subscription|membership|contract|terms|payroll|salary|benefits|enrol\w*|"
    r"questions?|thank(?:s| you)|regards|sincerely|help|purchase|quantity|qty|card|bank)\b|"
    # German, Dutch, and the languages of the north
    r"bestell(?:ung|t|nummer)|rechnung|quittung|zahlung|bezahlt|betrag|summe|erstatt|liefer|versand|"
    r"sendung|buchung|termin|konto|passwort|kennwort|anmeldung|guthaben|vertrag|garantie|rückruf|"
    r"abonnement|\babo\b|mitglied|kundennummer|fragen|\bdanke|grüsse|grüße|"
    r"factuur|betaling|betaald|totaal|levering|boeking|afspraak|rekening|wachtwoord|vragen|bedankt|"
    r"kvitto|kvittering|faktura|betalt|ordre|\border\b|levera|konto|lösenord|frågor|\btack\b|\btakk?\b|"
    r"tilaus|lasku|maksu|kuitti|toimitus|"
    # French, Spanish, Portuguese, Italian
    r"commande|facture|reçu\b|paiement|\bpayé|montant|rembours|livraison|colis|réservation|"
    r"rendez[ -]vous|\bcompte\b|mot de passe|contrat|abonnement|questions?|merci|cordialement|"
    r"pedido|factura|recibo|\bpago|pagado|importe|reembolso|entrega|envío|reserva|\bcita\b|cuenta|"
    r"contraseña|contrato|suscripción|preguntas?|gracias|saludos|encomenda|fatura|pagamento|conta\b|"
    r"senha|obrigad|ordine|fattura|ricevuta|pagato|importo|totale|rimborso|consegna|spedizione|"
    r"prenotazione|appuntamento|domande|grazie|abbonamento|"
    # Others
    r"zamówieni|faktur|płatno|objednáv|platb|rendelés|számla|fizetés|comand[aă]|factur[aă]|\bplat[aă]|"
    r"sipariş|ödeme|παραγγελ|τιμολόγ|πληρωμ|заказ|сч[её]т|оплат|достав|замовлен|рахун|"
    r"注文|請求|領収|支払|予約|订单|訂單|发票|發票|付款|账户|帳戶|주문|영수증|결제|예약|طلب|فاتورة|دفع|הזמנה|חשבונית|תשלום"
)
_NUMBER = re.compile(r"(?<![\w/-])(?=[\w/-]{0,60}\d{3})[\w/-]++")
# A discount that was given, as a receipt lists it: "Discount (20% off)  -$5.00".
_GRANTED = re.compile(r"[-\u2212\u2013]\s?[$€£¥]?\s?\d[\d .,]*[.,]\d\d\b")
_LONGEST_ENTRY = 80


def promotion(text: str) -> str | None:
    """Give the words by which a line advertises, or None."""
    line = plain(text)
    if len(line) <= _LONGEST_ENTRY and _GRANTED.search(line):
        return None
    found = next(filter(None, (pattern.search(line) for pattern in _PATTERNS)), None)
    return found.group().strip() if found else None


def is_dealing(text: str) -> bool:
    """Whether a line is about an order, an account, an appointment or the like."""
    return bool(_DEALINGS.search(plain(text)))


def dealing_number(text: str) -> str | None:
    """Give the number of an order, invoice, account or the like that a line names, or None."""
    line = plain(text)
    word = _DEALINGS.search(line)
    number = _NUMBER.search(line, word.end()) if word else None
    return number.group() if number else None
