"""Shell completion of the values of options and arguments. The options themselves are beside this folder."""
