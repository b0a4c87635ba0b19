"""The privacy policy and the page about cookies, written by the settings that are in force.

What the program does is stated by the program; staff write what stands between. Whatever changes
in either makes a new version.
"""
