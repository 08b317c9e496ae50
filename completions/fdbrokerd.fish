# fish completion for fdbrokerd(8).

complete -c fdbrokerd -f
complete -c fdbrokerd -s D -x -d 'Macro of the configuration'
complete -c fdbrokerd -s d -d 'Do not detach, log to the standard error'
complete -c fdbrokerd -s f -r -F -d 'Configuration'
complete -c fdbrokerd -s n -d 'Check the configuration and exit'
complete -c fdbrokerd -s v -d 'Log details'
