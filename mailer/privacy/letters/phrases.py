"""How people say that they want no more mail, in seven languages; matched on folded text.

Folded is: without accents, in lower case, with single spaces. The words are those of letters that
people wrote to newsletters; where they leave a doubt the answer is a doubt, not a guess.
"""

import re
import unicodedata

ENGLISH = (
    r"(?:please|pls|plz|kindly)\W{1,3}(?:\w+ )?(?:unsubscribe|remove|take me)\b",
    r"\bunsubscribe (?:me|us|my|this)\b",
    (
        r"\b(?:want|like|wish|need|prefer|ask|request) (?:you )?(?:to )?(?:be )?(?:"
        r"unsubscribed?|opt out|removed?\b|taken off|stop receiving)"
    ),
    r"\b(?:remove|take|delete|drop|strike|get) (?:me|us|my (?:e-?mail|address|name|details))\b",
    r"\bstop (?:sending|e-?mailing|mailing|writing|contacting|spamming|messaging|these|the)\b",
    (
        r"\b(?:do not|don'?t|never|quit) (?:\w+ )?(?:send|sending|e-?mail|contact|write|mail) "
        r"(?:to )?(?:me|us|any)\b"
    ),
    r"\bno more (?:e-?mails?|mails?|newsletters?|messages|of these)\b",
    (
        r"\b(?:no longer|not|don'?t) (?:\w+ ){0,2}(?:want|wish|like|interested|care)\b.{0,40}"
        r"\b(?:e-?mails?|mails?|newsletters?|messages|receiv\w+|hear\w*|these)\b"
    ),
    r"\bopt(?:ing)?[ -](?:me )?out\b",
    r"\bcancel (?:my|the|this) subscription\b",
)
GERMAN = (
    (
        r"\b(?:melden|tragen|nehmen|streichen|loschen|entfernen|trag|nimm|losch\w?|melde|streich\w?|"
        r"entfern\w?) (?:sie )?(?:bitte )?(?:mich|uns|meine|unsere|die e-?mail|diese)\b"
    ),
    (
        r"\b(?:mich|uns|meine \S+|newsletter|e-?mails?|abo)\b.{0,60}\b(?:ab(?:zu)?melden|aus(?:zu)?"
        r"tragen|ab(?:zu)?bestellen|loschen|entfernen|streichen|herausnehmen|rausnehmen|kundigen)\b"
    ),
    r"\bbitte (?:\w+ ){0,4}(?:abmelden|austragen|abbestellen|loschen|entfernen)\b",
    (
        r"\bkeine?n? (?:\S+ ){0,3}(?:e-?mails?|mails?|newsletter|post|werbung|zusendung\w*|"
        r"nachrichten|rundbriefe?)\b.{0,30}\b(?:mehr|erhalten|bekommen|zusenden|schicken|senden|von)\b"
    ),
    (
        r"\bnicht (?:mehr|weiter|langer) .{0,60}\b(?:erhalten|bekommen|anschreib\w+|zusenden|"
        r"schicken|kontaktier\w+|beziehen|lesen)\b"
    ),
    r"\bwiderspr(?:eche|uch)\b.{0,80}\b(?:werb\w+|zusendung|nutzung|verwendung|verarbeitung)\b",
    r"\bwiderrufe\b.{0,60}\beinwilligung\b",
)
FRENCH = (
    (
        r"\b(?:me|m'|nous|veuillez|merci de|souhaite|voudrais|veux) ?(?:\w+ ){0,2}(?:desabonn|"
        r"desinscri)\w+"
    ),
    r"\b(?:desabonn|desinscri)\w+[ -](?:moi|nous)\b",
    (
        r"\bne (?:plus|(?:souhaite|veux|desire|souhaitons)(?: plus| pas)) .{0,40}\b(?:recevoir|"
        r"e-?mails?|newsletters?|courriels?|messages)\b"
    ),
    r"\b(?:retir|supprim|enlev|ray)\w+[ -](?:moi|nous|mon|mes|notre)\b",
    r"\b(?:me|m'|nous) ?(?:retirer|supprimer|enlever|rayer)\b",
    r"\bne (?:m'|me |nous )(?:envoyez|contactez|ecrivez|sollicitez|adressez) plus\b",
    r"\b(?:arretez|cessez) de (?:m'|me |nous )",
    r"\bplus (?:de|aucun) (?:e-?mails?|newsletters?|courriels?|messages)\b",
)
SPANISH = (
    r"\b(?:dar|de|den|denme|dame|deme|dad)(?:me|nos)?\b.{0,12}\bde baja\b",
    r"\b(?:quiero|deseo|quisiera|solicito|pido|ruego)\b.{0,30}\bbaja\b",
    r"\b(?:elimin|borr|quit|retir|saqu|sac)\w*(?:me|nos)\b",
    r"\b(?:elimin|borr|quit|retir)\w* (?:mi|mis|nuestro) ",
    r"\bno (?:quiero|deseo|me interesa|queremos)\b.{0,30}\b(?:recib\w+|correos?|e-?mails?|mas)\b",
    r"\bno (?:me |nos )?(?:envien|manden|escriban|contacten)\b",
    r"\bdejen? de (?:enviar|mandar|escribir)\w*",
    r"\bcancelar (?:mi |la )?suscripcion\b|\b(?:desuscrib|desinscrib)\w+",
)
ITALIAN = (
    r"\bdis(?:is)?criv\w+",
    r"\bcancell(?:atemi|ami|armi|arci|ateci)\b",
    r"\bcancell\w+ (?:il|la) (?:mio|mia|iscrizione|nostr[oa])\b",
    r"\b(?:togli|rimuov|elimin|lev)\w*(?:mi|ci)\b|\b(?:rimuov|elimin)\w+ (?:il mio|la mia)\b",
    r"\bnon (?:voglio|desidero|intendo|vorrei)\b.{0,20}\b(?:ricever\w+|essere contattat\w)\b",
    r"\b(?:smett\w+|basta)\b.{0,30}\b(?:e-?mail|inviar\w+|scriver\w+|newsletter|messaggi)\b",
    r"\bannullare (?:la )?(?:mia )?iscrizione\b",
)
PORTUGUESE = (
    r"\b(?:remov|retir|elimin|exclu|apagu|apag|tir)\w*[- ](?:me|nos|o meu|meu|a minha)\b",
    r"\b(?:descadastr|desinscrev|desubscrev)\w+",
    r"\bnao (?:quero|desejo|pretendo|gostaria)\b.{0,30}\b(?:receb\w+|e-?mails?|mensagens)\b",
    r"\bcancel\w+ (?:a |o |minha |meu )*(?:subscricao|inscricao|assinatura|cadastro)\b",
    r"\b(?:parem?|deixem?) de (?:me )?(?:enviar|mandar|escrever)\b",
    r"\bnao (?:me )?(?:enviem|mandem|contactem|contatem|escrevam)\b",
)
DUTCH = (
    r"\b(?:schrijf|meld|haal|neem|schrap) (?:mij|me|ons|mijn)\b",
    r"\b(?:mij|me|ons|ik|graag|gelieve)\b.{0,40}\b(?:uit(?: te )?schrijven|af(?: te )?melden)\b",
    r"\bverwijder (?:mij|me|mijn|ons)\b",
    r"\bgeen (?:\S+ ){0,2}(?:e-?mails?|mails?|nieuwsbrie\w+|berichten|post|reclame) meer\b",
    r"\bniet (?:meer|langer) .{0,40}\b(?:ontvangen|mailen|krijgen|benader\w+)\b",
    r"\bstop met (?:mailen|sturen|het)\b|\bopzeggen\b",
)
REQUEST = re.compile(
    "|".join((*ENGLISH, *GERMAN, *FRENCH, *SPANISH, *ITALIAN, *PORTUGUESE, *DUTCH))
)
# A whole subject, or a first line, that is nothing but a command.
COMMANDS = frozenset(
    """unsubscribe;unsubscribe me;stop;stop it;remove;remove me;opt out;opt-out;optout;take me off;
    unsubscribe please;please unsubscribe;cancel subscription;list-unsubscribe;signoff;
    abmelden;abmeldung;austragen;abbestellen;abbestellung;newsletter abmelden;loschen;
    desabonner;desabonnement;me desabonner;se desabonner;desinscription;desinscrire;
    baja;dar de baja;darme de baja;cancelar suscripcion;desuscribir;desuscribirme;
    cancella;cancellami;cancellazione;disiscrizione;disiscrivi;disiscrivimi;annulla iscrizione;
    remover;remover-me;cancelar;cancelar inscricao;cancelar subscricao;descadastrar;
    uitschrijven;uitschrijving;afmelden;afmelding;stoppen""".replace("\n", "").split(";")
)
COMMANDS = frozenset(command.strip() for command in COMMANDS)
# She speaks of it, without a phrase that says what she wants.
MENTION = re.compile(
    r"unsubscri|\bopt(?:ed)?[ -]out|mailing list|desabonn|desinscri|\bde baja\b|desuscri|disiscri|"
    r"descadastr|uitschrijv|afmeld|\babmeld|abbestell|austrag"
)
# She stays, or would come back.
STAYS = re.compile(
    r"\b(?:do not|don'?t|never|not) (?:\w+ ){0,3}(?:unsubscribe|remove|take me|opt)\b|"
    r"\bby (?:mistake|accident)\b|\baccidentally\b|\bre-?subscribe|\bsubscribe (?:me )?again\b|"
    r"\b(?:me|us) back on\b|"
    r"\bversehentlich\b|\baus versehen\b|\bnicht (?:\w+ )?(?:abmelden|austragen|"
    r"abbestellen|loschen)\b|\bmich nicht ab\b|\bpar erreur\b|\bne (?:me|m'|nous) ?(?:desabonn|"
    r"desinscri|supprim|retir)\w+ pas\b|\bpas (?:me )?(?:desabonn|desinscri)\w+|\bpor error\b|"
    r"\bno (?:me|quiero) (?:\w+ ){0,2}(?:de baja|darme)|\bper (?:errore|sbaglio)\b|"
    r"\bnon (?:cancell|disiscriv|rimuov)\w+|\bpor engano\b|\bnao (?:me )?(?:remov|retir|descadastr)"
    r"\w+|\bper ongeluk\b|\bniet (?:uitschrijven|afmelden|verwijderen)\b"
)
# How footers tell other people what they may do: the writer's firm, or we, quoted without marks.
OFFER = re.compile(
    r"^\W*(?:to|um|pour|para|per|om) (?:\S+ ){0,6}(?:unsubscri|opt|be removed|stop|abmeld|"
    r"abbestell|desabonn|desinscri|vous|darse|dejar|cancel|disiscri|deixar|uit|af)|"
    r"\bif you\b|\byou can\b|\byou may\b|\bclick\b|\b(?:wenn|falls|sollten) sie\b|\bklick|"
    r"\bhier ab|\bsi vous\b|\bcliqu|\bsi (?:ya )?no (?:desea|quiere)|\bhaga clic|\bpulse\b|"
    r"\bse non (?:desider|vuo)|\bclicc|\bse (?:voce |ja )?nao\b|\bals u\b|\bklik"
)
# A machine speaks, whatever the header says; of a subject, and of the words themselves.
AUTOMATIC_SUBJECT = re.compile(
    r"^(?:automatic reply|auto(?:matic)?[ -]?(?:re(?:ply|sponse)|antwort)|auto:|out of (?:the )?"
    r"office|ooo\b|abwesen|automatische (?:antwort|reply)|ich bin (?:nicht|derzeit)|reponse auto|"
    r"absen(?:t|ce)|respuesta auto|fuera de la oficina|ausen|risposta auto|fuori (?:sede|ufficio)|"
    r"assente|resposta auto|fora do escritorio|automatisch antwoord|afwezig|niet aanwezig|"
    r"vacation|away from|on leave|undeliver|delivery (?:status|failure)|returned mail|mail deliv)"
)
AUTOMATIC_WORDS = re.compile(
    r"\bout of (?:the )?office\b|\bautomat(?:ed|ic|ically) (?:reply|response|message|generated|"
    r"mail)|\b(?:am|be|is) (?:currently )?(?:away|on (?:leave|vacation|holiday))\b|"
    r"\bdo not (?:reply|respond) to this\b|\bno longer (?:work\w*|with|employed|monitored|"
    r"active)\b|\bticket\b.{0,40}\b(?:received|created|opened)\b|\bautomatisch (?:erzeugt|"
    r"erstellt|generiert|antwort)|\bnicht im (?:buro|haus)\b|\babwesend\b|"
    r"\bnicht mehr (?:im unternehmen|bei uns)|"
    r"\breponse automatique\b|\bactuellement absent|\brespuesta automatica\b|\bestoy (?:fuera|de "
    r"vacaciones)|\brisposta automatica\b|\bfuori ufficio\b|\bresposta automatica\b|\bafwezig\b|"
    r"\bautomatisch (?:antwoord|bericht)\b"
)
MARKS = str.maketrans({"\u2019": "'", "\u2018": "'", "\u00ad": "", "\u200b": "", "ß": "ss"})


def folded(text: str) -> str:
    """Return text as it is compared."""
    parts = unicodedata.normalize("NFKD", text.translate(MARKS))
    bare = "".join(sign for sign in parts if not unicodedata.combining(sign))
    return " ".join(bare.casefold().split())
