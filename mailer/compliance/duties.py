"""Addresses behind which there is no subscriber: duties (RFC 2142), list robots, throw-aways."""

import re

# Nobody subscribes with these; mail to them is read by those who hunt spam, or by a program.
_DUTIES = frozenset(
    str.split(
        """
        abuse postmaster noc security spam hostmaster root mailer-daemon usenet uucp ftp
        phishing fraud spamtrap honeypot dmarc dmarc-reports tlsrpt fbl complaints bounce
        bounces devnull nobody listserv majordomo mailman noreply no-reply donotreply
        do-not-reply unsubscribe subscribe opt-out optout autoresponder csirt cert soc
        spamreport report-spam junk
        """
    )
)
_LIST_ROBOT = re.compile(
    r".+-(?:request|owner|bounces?|subscribe|unsubscribe|confirm|join|leave|admin)|(?:owner|bounces?)-.+"
)
# Several people may read these; in a small firm they are the only mailbox.
_SHARED = frozenset(
    str.split(
        """
        info sales support office admin contact hello help marketing billing accounts accounting
        hr jobs team mail enquiries inquiries webmaster www news press orders service
        customerservice kontakt buero büro verwaltung vertrieb verkauf rechnung post empfang
        redaktion bewerbung accueil commercial direction secretariat secrétariat comptabilite
        bonjour ventas contacto administracion administración oficina atencion informacion hola
        contato vendas atendimento contatti segreteria amministrazione vendite ufficio verkoop
        administratie boekhouding kontoret kundservice biuro sekretariat sprzedaz obchod iroda
        myynti toimisto satis bilgi
        """
    )
)
DISPOSABLE = tuple(
    str.split(
        """
    mailinator.com mailinator.net guerrillamail.com guerrillamail.net guerrillamail.org
    guerrillamail.biz guerrillamail.de guerrillamailblock.com sharklasers.com grr.la pokemail.net
    spam4.me 10minutemail.com 10minutemail.net 10minutemail.org 20minutemail.com yopmail.com
    yopmail.fr yopmail.net cool.fr.nf jetable.org jetable.fr.nf trashmail.com trashmail.de
    trashmail.net trash-mail.com trash-mail.de wegwerfemail.de wegwerfmail.de wegwerf-email.net
    spoofmail.de byom.de muellmail.com einrot.com temp-mail.org temp-mail.io tempmail.com
    tempmail.net tempmail.plus tempmailo.com tempail.com tempinbox.com temporary-mail.net
    throwawaymail.com throwaway.email getnada.com nada.email inboxkitten.com maildrop.cc
    mailnesia.com mailcatch.com mintemail.com moakt.com mohmal.com mytemp.email dispostable.com
    discard.email discardmail.com discardmail.de dropmail.me emailondeck.com fakeinbox.com
    fakemail.net getairmail.com harakirimail.com incognitomail.org kasmail.com mailexpire.com
    mailforspam.com mailnull.com mailpoof.com mailsac.com mailtemp.info meltmail.com
    mvrht.net nospam.ze.tc nwytg.net onetimeemail.net owlymail.com spambog.com spambog.de
    spambox.us spamex.com spamfree24.org spamgourmet.com spamhole.com spaml.de tempr.email
    tmail.ws tmpmail.net tmpmail.org 1secmail.com 1secmail.net 1secmail.org burnermail.io
    emailfake.com generator.email luxusmail.org mail-temp.com minuteinbox.com tafmail.com
    vomoto.com wemel.top crazymailing.com linshiyouxiang.net
    """
    )
)


def is_duty(local: str) -> bool:
    """Whether a local part is a duty or a list robot; what follows a + does not matter."""
    name = _plain(local)
    return name in _DUTIES or bool(_LIST_ROBOT.fullmatch(name))


def is_shared(local: str) -> bool:
    return _plain(local) in _SHARED


def _plain(local: str) -> str:
    """Give a local part without what is said after a +; "no.reply" is "no-reply"."""
    name = local.strip().strip('"').lower().partition("+")[0]
    return name.replace(".", "-").replace("_", "-")
