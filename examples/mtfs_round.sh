#!/bin/sh
# A round of MTFS preparation: check the workbook, project it, set every scenario beside it, and hold the result back
# while a significant variance of last year is unexplained.
#
#   sh examples/mtfs_round.sh [WORKBOOK [FOLDER [SCENARIO.toml ...]]]
#
# Ends with 0, or with the exit code of what stopped it: 3 problems of the workbook, 4 a control, 5 the gate. Everything
# is written even where the gate is shut; what is up to date (newer than the workbook and its scenario) is left alone.
set -eu

book=${1:-examples/alliance.xlsx}
folder=${2:-mtfs}
[ $# -gt 2 ] && shift 2 || set -- examples/high_pay.toml examples/wider_base.toml
export BCH_APPORTION_OVERWRITE=yes BCH_APPORTION_QUIET=yes
mkdir -p "$folder"

bch-apportion check "$book" -o "$folder/check.json"

for scenario in "$@"; do
    result=$folder/$(basename "$scenario" .toml).csv
    if [ ! -f "$result" ] || [ "$book" -nt "$result" ] || [ "$scenario" -nt "$result" ]; then
        bch-apportion mtfs "$book" --scenario "$scenario" -o "$result"
        echo "made $result"
    fi
done

BCH_APPORTION_SCENARIO=$(printf '%s;' "$@") bch-apportion mtfs "$book" --sensitivity --runs 1000 --seed 1 \
    -o "$folder/mtfs.xlsx" -o "$folder/mtfs.json"
echo "made $folder/mtfs.xlsx"

gate=0
bch-apportion variance "$book" --year 2018/19 --fail-on unexplained -o "$folder/variance.csv" || gate=$?
case $gate in
0) echo "the gate is open" ;;
5) echo "the gate is shut: a significant variance of 2018/19 is unexplained, see $folder/variance.csv" ;;
esac
exit $gate
