"""`roadworthy doctor`: what is wrong with an installation, in plain words."""
