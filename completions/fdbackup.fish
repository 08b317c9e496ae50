# fish completion for fdbackup(1).

set -l commands create diff drill extract list serve verify

complete -c fdbackup -n "not __fish_seen_subcommand_from $commands redirect" -f
complete -c fdbackup -s h -l help -d 'List commands or options'
complete -c fdbackup -n "not __fish_seen_subcommand_from $commands redirect" \
    -l version -d 'Print the version'
complete -c fdbackup -n "not __fish_seen_subcommand_from $commands redirect" \
    -a create -d 'Write an archive'
complete -c fdbackup -n "not __fish_seen_subcommand_from $commands redirect" \
    -a diff -d 'Compare an archive with the files'
complete -c fdbackup -n "not __fish_seen_subcommand_from $commands redirect" \
    -a drill -d 'Restore a sample, compare and remove it'
complete -c fdbackup -n "not __fish_seen_subcommand_from $commands redirect" \
    -a extract -d 'Restore from an archive'
complete -c fdbackup -n "not __fish_seen_subcommand_from $commands redirect" \
    -a list -d 'List the members of an archive'
complete -c fdbackup -n "not __fish_seen_subcommand_from $commands redirect" \
    -a redirect -d 'Give a run another log'
complete -c fdbackup -n "not __fish_seen_subcommand_from $commands redirect" \
    -a serve -d 'Do the work for another machine'
complete -c fdbackup -n "not __fish_seen_subcommand_from $commands redirect" \
    -a verify -d 'Verify an archive'
complete -c fdbackup -n "__fish_seen_subcommand_from drill extract list verify" -f
complete -c fdbackup -n "__fish_seen_subcommand_from create diff drill extract list verify" \
    -s f -l file -r -F -d Archive
complete -c fdbackup -n "__fish_seen_subcommand_from create diff drill extract list verify" \
    -s v -l verbose -d 'Show more details'
complete -c fdbackup -n "__fish_seen_subcommand_from $commands" \
    -l max-memory -x -d 'Memory that the worker may use'
complete -c fdbackup -n "__fish_seen_subcommand_from create diff drill extract list verify" \
    -l json -d 'Print JSON, one object a line'
complete -c fdbackup -n "__fish_seen_subcommand_from drill extract verify" \
    -l max-manifest -x -d 'Temporary space for the manifest'
complete -c fdbackup -n "__fish_seen_subcommand_from create diff drill extract verify" \
    -l logfile -r -F -d 'Write a log to this file'
complete -c fdbackup -n "__fish_seen_subcommand_from create diff drill extract serve" \
    -s C -l directory -x -a '(__fish_complete_directories)' \
    -d 'Directory for relative paths, or to restore in'
complete -c fdbackup -n "__fish_seen_subcommand_from create" \
    -s n -l dry-run -d 'Only count what would be stored'
complete -c fdbackup -n "__fish_seen_subcommand_from create diff verify" \
    -l progress -x -a 'auto never' -d 'How often to say how far it is'
complete -c fdbackup -n "__fish_seen_subcommand_from create" \
    -l estimate -d 'Count first, to tell how long it takes'
complete -c fdbackup -n "__fish_seen_subcommand_from create diff serve" \
    -l exclude -x -d 'Leave out what it matches'
complete -c fdbackup -n "__fish_seen_subcommand_from create diff" \
    -l exclude-caches -d 'Leave out what is beside a CACHEDIR.TAG'
complete -c fdbackup -n "__fish_seen_subcommand_from create diff" \
    -l exclude-from -r -F -d 'Read patterns from a file'
complete -c fdbackup -n "__fish_seen_subcommand_from create diff" \
    -l exclude-if-present -x -d 'Leave out what is beside this file'
complete -c fdbackup -n "__fish_seen_subcommand_from create" \
    -l newer -r -F -d 'Leave out what has not changed since then'
complete -c fdbackup -n "__fish_seen_subcommand_from create diff" \
    -s T -l files-from -r -F -d 'Read paths from a file'
complete -c fdbackup -n "__fish_seen_subcommand_from create diff list" \
    -s 0 -l null -d 'With -T or --removed: a NUL byte follows each'
complete -c fdbackup -n "__fish_seen_subcommand_from create diff" \
    -s x -l one-file-system -d 'Do not cross mount points'
complete -c fdbackup -n "__fish_seen_subcommand_from create" \
    -l bzip2 -d 'Compress with bzip2'
complete -c fdbackup -n "__fish_seen_subcommand_from create" \
    -l gzip -d 'Compress with gzip'
complete -c fdbackup -n "__fish_seen_subcommand_from create" \
    -l lz4 -d 'Compress with lz4'
complete -c fdbackup -n "__fish_seen_subcommand_from create" \
    -l xz -d 'Compress with xz'
complete -c fdbackup -n "__fish_seen_subcommand_from create" \
    -l none -d 'Do not compress'
complete -c fdbackup -n "__fish_seen_subcommand_from create" \
    -l zstd -d 'Compress with zstd'
complete -c fdbackup -n "__fish_seen_subcommand_from create" \
    -l threads -x -d 'Number of threads that compress'
complete -c fdbackup -n "__fish_seen_subcommand_from create diff" \
    -l denied -x -a 'ok warn fail' -d 'What it means if policy denies files'
complete -c fdbackup -n "__fish_seen_subcommand_from create" \
    -l retries -x -d 'How often a file that changes is read again'
complete -c fdbackup -n "__fish_seen_subcommand_from create extract" \
    -l digest -x -a 'sha256 none' -d 'Digests of contents'
complete -c fdbackup -n "__fish_seen_subcommand_from create diff drill extract serve" \
    -s r -l role -x \
    -a "(fdbrokerctl show roles 2>/dev/null | awk 'NR > 1 { print \$1 }')" \
    -d Role
complete -c fdbackup -n "__fish_seen_subcommand_from create diff drill extract serve" \
    -s s -l socket -r -F -d 'Socket of fdbrokerd'
complete -c fdbackup -n "__fish_seen_subcommand_from extract" \
    -s n -l dry-run -d 'Change nothing'
complete -c fdbackup -n "__fish_seen_subcommand_from extract" \
    -l fail-fast -d 'Stop at the first failure'
complete -c fdbackup -n "__fish_seen_subcommand_from extract" \
    -l keep-damaged -d 'Keep damaged files'
complete -c fdbackup -n "__fish_seen_subcommand_from extract" \
    -l known-owners -d 'Restore only owners with an account here'
complete -c fdbackup -n "__fish_seen_subcommand_from extract" \
    -l max-size -x -d 'Most bytes of contents'
complete -c fdbackup -n "__fish_seen_subcommand_from extract" \
    -l no-owner -d 'Do not restore owners'
complete -c fdbackup -n "__fish_seen_subcommand_from extract" \
    -l numeric-owner -d 'Restore owners by number'
complete -c fdbackup -n "__fish_seen_subcommand_from extract" \
    -l overwrite -x -a 'refuse newer replace' -d 'What becomes of what is there'
complete -c fdbackup -n "__fish_seen_subcommand_from extract" \
    -l strip-components -x -d 'Leave out directories of names'
complete -c fdbackup -n "__fish_seen_subcommand_from extract" \
    -s O -l to-stdout -d 'Write contents to standard output'
complete -c fdbackup -n "__fish_seen_subcommand_from create diff" \
    -l compare -x -a 'contents metadata' -d 'How to find what has changed'
complete -c fdbackup -n "__fish_seen_subcommand_from create" \
    -l since -r -F -d 'Store what has changed since this archive'
complete -c fdbackup -n "__fish_seen_subcommand_from create" \
    -l manifest -r -F -d 'Keep the manifest in this file'
complete -c fdbackup -n "__fish_seen_subcommand_from extract list" \
    -l removed -d 'What was removed since the archive before'
complete -c fdbackup -n "__fish_seen_subcommand_from drill" \
    -l sample -x -d 'How many members'
complete -c fdbackup -n "__fish_seen_subcommand_from drill" \
    -l seed -x -d 'Take the same members again'
complete -c fdbackup -n "__fish_seen_subcommand_from drill" \
    -l keep -d 'Do not remove what was restored'
complete -c fdbackup -n "__fish_seen_subcommand_from drill" \
    -s q -l quiet -d 'Say nothing if nothing is wrong'
complete -c fdbackup -n "__fish_seen_subcommand_from create extract" \
    -l host -x -a '(__fish_print_hostnames)' -d 'Let this host do the work'
complete -c fdbackup -n "__fish_seen_subcommand_from create extract" \
    -l rsh -x -d 'What connects to the host'
complete -c fdbackup -n "__fish_seen_subcommand_from serve" \
    -l only -x -a 'create extract' -d 'Run no other command'
