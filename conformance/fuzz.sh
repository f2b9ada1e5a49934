#!/bin/sh
# fuzz.sh CHECK [NAME=VALUE]...                checks generated programs; without arguments it says which checks there are
# fuzz.sh plant verifier|compiler [SECONDS] [NAME]...
#                                              plants faults (planted-faults/) and sees whether the checks find them
# Builds what is missing. Needs Maven and a JDK 25 in JAVA_HOME or on PATH.
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$home"
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
"$java" -version 2>&1 | grep -q '"25' || { echo "fuzz.sh: set JAVA_HOME to a JDK 25" >&2; exit 2; }
mvn -q -B -pl conformance -am -DskipTests compile dependency:build-classpath \
  -Dmdep.includeScope=runtime -Dmdep.outputFile="$home/conformance/target/classpath" >&2
classes=conformance/target/classes:$(cat conformance/target/classpath)
package=org.ebpf4j.conformance.fuzz
# Nothing here runs for long, a program's class least of all: the JVM's quick compiler is enough.
flags='-Xmx2g -XX:TieredStopAtLevel=1 -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED --add-exports=java.base/jdk.internal.misc=ALL-UNNAMED'
if [ "${1:-}" = plant ]; then
  shift
  part=${1:?verifier or compiler}
  shift
  seconds=${1:-60}
  [ $# = 0 ] || shift
  # shellcheck disable=SC2086
  exec "$java" $flags -cp "$classes" $package.PlantedFaults "conformance/planted-faults/$part" "$seconds" "$@"
fi
# shellcheck disable=SC2086
exec "$java" $flags -cp "$classes" $package.FuzzCommand "$@"
