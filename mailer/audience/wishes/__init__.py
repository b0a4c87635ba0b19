"""What readers wish beyond yes and no: topics, fewer mails, a pause, their reason for leaving."""
