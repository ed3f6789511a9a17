# shellcheck shell=bash disable=SC2154
# The parts of ./bench that ask how a dispatcher lives the board. Sourced by it.

# The middle round of a file of lines with median, 99th percentile and longest, by the 99th.
middle_round() { sort -g -k2,2 "$1" | awk '{ line[NR] = $0 } END { print line[int((NR + 1) / 2)] }'; }

part_unchanged() {
    ! missing curl || return 0
    local n bare path header tag name p50 p99 longest
    small_serve
    sign_in
    TOKIO_WORKER_THREADS=$threads "$yardsticks" not-modified >"$work/bare304" &
    pids+=($!)
    sleep 1
    bare=$(head -n 1 "$work/bare304")
    for ((n = 0; n < rounds; n++)); do
        for name in json page; do
            case $name in json) path=/api/v1/board header="Authorization: Bearer $token" ;; page) path=/board header="Cookie: $cookie" ;; esac
            # The page has another name each minute: asked for before each round, and a round is over in a second.
            tag=$(curl -fsS -H 'Accept-Encoding: gzip' -o "$work/answer" -D - -H "$header" "http://$address$path" | sed -n 's/^etag: \(.*\)$/\1/Ip' | tr -d '\r')
            "$yardsticks" unchanged "$address" "$path" "$tag" "$header" 3000 >>"$work/unchanged.$name" || die "unchanged board failed"
        done
        "$yardsticks" unchanged "$bare" / '"12-600"' 'Accept: */*' 3000 >>"$work/unchanged.axum" || die "bare 304 failed"
    done
    for name in json page axum; do
        read -r p50 p99 longest <<<"$(middle_round "$work/unchanged.$name")"
        if [ "$name" = axum ]; then
            echo "   yardstick, axum's bare 304: p50 $p50, p99 $p99, longest $longest ms"
        else
            below "unchanged board, $name, one 304, p99" 1 ms "$p99" "; p50 $p50, longest $longest"
        fi
    done
    stop
}

# Measured by node, in lines of `name number`: measured SCRIPT.
measured() { AKIDOKO_BIN=$bin node "bench.d/$1.mjs" >"$work/$1" || die "$1"; }
found() { awk -v name="$2" '$1 == name { print $2 }' "$work/$1"; }

part_screen() {
    ! missing node || return 0
    measured screen
    value() { found screen "$1"; }
    below "first paint of 600 hospitals" 200 ms "$(value paint)" "; worst $(value paint-worst); the same bytes from a bare server $(value paint-bare), a page of one word $(value paint-empty); parsed whole $(value whole)"
    below "the page over the wire" 150 kB "$(value document)"
    below "all that the first opening loads" 150 kB "$(value wire)" ", heads and workers included"
    below "a chip, until the frame that shows it" 50 ms "$(value chip)" "; worst $(value chip-worst); the same rows hidden by hand $(value by-hand)"
    below "a letter, until the frame that shows it" 50 ms "$(value letter)" "; worst $(value letter-worst)"
}

part_past() {
    ! missing node python3 || return 0
    measured past
    value() { found past "$1"; }
    below "the board at a past minute" 0.2 s "$(value past)" "; worst $(value past-worst); the bare reading $(value past-bare)"
}

part_picture() {
    ! missing node python3 || return 0
    measured picture
    value() { found picture "$1"; }
    below "the nation over 8,300 hospitals, 365 days" 0.1 s "$(value nation_year)" "; worst $(value nation_year_worst); the bare reading $(value bare)"
    below "the nation over 12 weeks" 0.1 s "$(value nation_weeks)" "; worst $(value nation_weeks_worst)"
    below "reporting rates of the nation over 365 days" 0.1 s "$(value nation_reporting)" "; worst $(value nation_reporting_worst)"
    below "a prefecture over 365 days" 0.1 s "$(value prefecture_year)" "; worst $(value prefecture_year_worst)"
}

# screens COUNT WRITES TARGET: opens them on Akidoko and on the bare server, in turn.
screens() {
    local n bare bytes count=$1 writes=$2 target=$3 p50 p99 longest
    # A report's message, as it goes out to a page.
    bytes=$(curl -fsS -N -m 4 -H "Cookie: $cookie" "http://$address/board/events?after=1" 2>/dev/null | grep -a -A 2 '^event: row' | head -n 2 | wc -c)
    TOKIO_WORKER_THREADS=$threads "$yardsticks" bare-streams "$((bytes > 1000 ? bytes : 4000))" >"$work/bare.streams" &
    local bare_pid=$!
    pids+=("$bare_pid")
    sleep 1
    bare=$(head -n 1 "$work/bare.streams")
    rm -f "$work"/open.*
    for ((n = 0; n < rounds; n++)); do
        "$yardsticks" streams "$address" "$token" "$codes" "$today" "$cookie" "$count" "$writes" >>"$work/open.own" || die "streams failed"
        "$yardsticks" streams "$bare" "$token" "$codes" "$today" "$cookie" "$count" "$writes" >>"$work/open.bare" || die "bare streams failed"
    done
    kill "$bare_pid" && wait "$bare_pid" 2>/dev/null
    read -r p50 p99 longest <<<"$(middle_round "$work/open.own")"
    below "report to $count open screens, p99" "$target" ms "$p99" "; p50 $p50, longest $longest; rounds p99: $(cut -d' ' -f2 "$work/open.own" | paste -s -d / | sed 's:/: / :g')"
    read -r p50 p99 longest <<<"$(middle_round "$work/open.bare")"
    echo "      yardstick, the same number of sockets written by a bare server: p50 $p50, p99 $p99, longest $longest ms"
    below "memory at its highest, $count screens" 1024 MiB "$(awk '/^VmHWM:/ { printf "%.0f", $2 / 1024 }' "/proc/$server_pid/status")"
}

part_streams() {
    ! missing curl || return 0
    small_serve
    sign_in
    screens 1000 50 100
    if [ "$(ulimit -n)" -ge 10500 ]; then screens 5000 30 300; else echo "   5,000 screens left out: ulimit -n is $(ulimit -n)"; fi
    stop
}
