#compdef fdbrokerd
# zsh completion for fdbrokerd(8).

_arguments -s \
    '*-D[set a macro]:macro=value:' \
    '-d[do not detach, and log to the standard error]' \
    '-f[configuration file]:file:_files' \
    '(-h --help)'{-h,--help}'[list the options]' \
    '-n[check the configuration and exit]' \
    '*-v[log more details]' \
    '--version[print the version]'
