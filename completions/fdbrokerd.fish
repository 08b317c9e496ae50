# fish completion for fdbrokerd(8).

complete -c fdbrokerd -f
complete -c fdbrokerd -s D -x -d 'Set a macro'
complete -c fdbrokerd -s d -d 'Do not detach, and log to the standard error'
complete -c fdbrokerd -s f -r -F -d 'Configuration file'
complete -c fdbrokerd -s h -l help -d 'List the options'
complete -c fdbrokerd -l version -d 'Print the version'
complete -c fdbrokerd -s n -d 'Check the configuration and exit'
complete -c fdbrokerd -s v -d 'Log more details'
