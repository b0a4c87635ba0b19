"""Domains whose mail goes to telephones, from the list of the FCC (47 CFR 64.3100(e)).

A list to start from, not the register itself: the register changes, and is added to by staff.
"""

DOMAINS = tuple(
    str.split(
        """
    vtext.com vzwpix.com mypixmessages.com vzwmail.com vzw.blackberry.net
    txt.att.net mms.att.net mobile.att.net page.att.net cingularme.com mycingular.com
    mycingular.net mycingular.textmsg.com mobile.mycingular.com mmode.com mobile.mycingular.net
    cwemail.com sms.smartmessagingsuite.com paging.acswireless.com dpcs.mobile.att.net
    tmomail.net msg.fi.google.com voicestream.net
    messaging.sprintpcs.com pm.sprint.com pm.sprintpcs.com messaging.nextel.com page.nextel.com
    sprintpaging.com airmessage.net vmobl.com vmpix.com vmobile.net
    email.uscc.net mms.uscc.net smtp.uscc.net uscc.textmsg.com
    myboostmobile.com sms.myboostmobile.com mymetropcs.com mms.mymetropcs.com
    metropcs.sms.us sms.mycricket.com mms.mycricket.com
    sms.cricketwireless.net mms.cricketwireless.net
    cspire1.com cspire.com.textmsg.com csouth1.com cellularsouth.com.textmsg.com
    message.alltel.com text.wireless.alltel.com mms.alltel.net sms.alltelwireless.com
    mms.alltelwireless.com cellcom.quiktxt.com text.republicwireless.com mailmymobile.net
    mmst5.tracfone.com sms.thumbcellular.com mobile.celloneusa.com
    sms.edgewireless.com rinasms.com sms.pocket.com sms.ntwls.net union-tel.com
    sms.viaerosms.com viaerosms.com msg.acsalaska.com mobile.gci.net msg.gci.net
    text.simplefreedom.net sms.unicel.com utext.com gocbw.com clearlydigital.com
    mobile.surewest.com cingulartext.com sms.bluecell.com txt.bellmobility.us
    """
    )
)
