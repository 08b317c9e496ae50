# fish completion for fdbrokerctl(8).

set -l commands check explain kill log monitor reload reopen show stop suggest

# The first column of a table from the daemon; empty without access to it.
function __fdbrokerctl_ids
    set -l words (commandline -opc)
    set -l options
    if set -l i (contains -i -- -s $words)
        set options -s $words[(math $i + 1)]
    end
    fdbrokerctl $options show $argv[1] 2>/dev/null | awk 'NR > 1 { print $1 }'
end

# The number of words after the command, not counting the options of check.
function __fdbrokerctl_words
    set -l n 0
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip -eq 1
            set skip 0
        else if contains -- $word -s -D -f -u
            set skip 1
        else if not string match -q -- '-*' $word
            set n (math $n + 1)
        end
    end
    math $n - 1
end

function __fdbrokerctl_at
    __fish_seen_subcommand_from $argv[1]
    and test (__fdbrokerctl_words) -eq $argv[2]
end

complete -c fdbrokerctl -f
complete -c fdbrokerctl -s h -l help -d 'Print the synopsis'
complete -c fdbrokerctl -n "not __fish_seen_subcommand_from $commands" \
    -l version -d 'Print the version'
complete -c fdbrokerctl -n "not __fish_seen_subcommand_from $commands" \
    -s j -d 'Write JSON'
complete -c fdbrokerctl -n "not __fish_seen_subcommand_from $commands" \
    -s s -r -F -d 'Control socket'

set -l first -c fdbrokerctl -n "not __fish_seen_subcommand_from $commands"
complete $first -a check -d 'Say whether a role permits a path'
complete $first -a explain -d 'Explain why something was refused'
complete $first -a kill -d 'End a session'
complete $first -a log -d 'Set how much the daemon logs'
complete $first -a monitor -d 'Print what happens'
complete $first -a reload -d 'Reload the configuration'
complete $first -a reopen -d 'Open the audit file anew'
complete $first -a show -d 'Show the state of the daemon'
complete $first -a stop -d 'End the daemon'
complete $first -a suggest -d 'Suggest rules that permit what was denied'

complete -c fdbrokerctl -n '__fish_seen_subcommand_from check' \
    -s D -x -d 'Set a macro'
complete -c fdbrokerctl -n '__fish_seen_subcommand_from check' \
    -s f -r -F -d 'Check this configuration file'
complete -c fdbrokerctl -n '__fish_seen_subcommand_from check' \
    -s u -x -a '(__fish_complete_users)' -d 'Check as this user'
complete -c fdbrokerctl -n '__fdbrokerctl_at check 0' \
    -a '(__fdbrokerctl_ids roles)' -d Role
complete -c fdbrokerctl -n '__fdbrokerctl_at check 1' \
    -a 'append create link list mkdir read remove replace setmeta special symlink write' -d Operation
complete -c fdbrokerctl -n '__fdbrokerctl_at check 2' -F
complete -c fdbrokerctl -n '__fdbrokerctl_at explain 0' \
    -a '(__fdbrokerctl_ids denied)' -d Denial
complete -c fdbrokerctl -n '__fdbrokerctl_at kill 0' \
    -a '(__fdbrokerctl_ids sessions)' -d Session
complete -c fdbrokerctl -n '__fdbrokerctl_at log 0' -a 'brief verbose'
complete -c fdbrokerctl -n '__fish_seen_subcommand_from monitor' \
    -s d -l denied -d 'Only what was refused'
complete -c fdbrokerctl -n '__fish_seen_subcommand_from monitor' \
    -s r -l role -x -a '(__fdbrokerctl_ids roles)' -d 'Only this role'
complete -c fdbrokerctl -n '__fish_seen_subcommand_from monitor' \
    -s u -l user -x -a '(__fish_complete_users)' -d 'Only this user'
complete -c fdbrokerctl -n '__fish_seen_subcommand_from reload' \
    -s n -d 'Only show what would change'
complete -c fdbrokerctl -n '__fdbrokerctl_at show 0' \
    -a 'config confinement denied limits metrics refused roles rules sessions stats'
complete -c fdbrokerctl -n '__fdbrokerctl_at show 1' \
    -n '__fish_seen_subcommand_from rules' -a '(__fdbrokerctl_ids roles)' -d Role
complete -c fdbrokerctl -n '__fish_seen_subcommand_from rules' \
    -s u -x -a '(__fish_complete_users)' -d 'As for this user'
complete -c fdbrokerctl -n '__fish_seen_subcommand_from denied' \
    -s a -d 'Names that do not exist, too'
complete -c fdbrokerctl -n '__fdbrokerctl_at suggest 0' \
    -a '(__fdbrokerctl_ids roles)' -d Role
