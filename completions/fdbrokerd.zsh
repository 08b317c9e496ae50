#compdef fdbrokerd
# zsh completion for fdbrokerd(8).

_arguments -s \
    '*-D[macro of the configuration]:macro=value:' \
    '-d[do not detach, log to the standard error]' \
    '-f[configuration]:file:_files' \
    '-n[check the configuration and exit]' \
    '*-v[log details]'
