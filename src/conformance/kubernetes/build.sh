#!/usr/bin/env bash
# Makes what the conformance tests start: kube-apiserver, etcd and etcdctl, in DIR/bin.
#
#   src/conformance/kubernetes/build.sh [DIR]
#
# DIR is $UNDERSTUDY_KUBERNETES by default, else ~/.cache/understudy-kubernetes. What is there is
# kept, so a cached DIR costs nothing; else it takes some minutes. All comes from Debian 12, from
# the mirror that apt is set up with: no container, no Go module proxy. Needs curl, golang-1.19-go
# and apt's lists.
set -euo pipefail

version=1.20.2
# Debian packages only the client of Kubernetes; the server's source comes along with it.
# The checksum is that of Debian's signed index of sources.
source=kubernetes_1.20.5+really1.20.2.orig.tar.gz
checksum=b83c0780efb182d928dc63d46488a847f161f04e40a94b96bf5247dd671ecdfc
# A new one makes it anew.
recipe=1

dir=$(readlink -m "${1:-${UNDERSTUDY_KUBERNETES:-$HOME/.cache/understudy-kubernetes}}")
made=$dir/bin/made
[ "$(cat "$made" 2>/dev/null)" = "$version-$recipe" ] && exit 0
echo "building kube-apiserver $version in $dir"

go=/usr/lib/go-1.19/bin
[ -x "$go/go" ] || { echo "no $go/go: install golang-1.19-go" >&2; exit 1; }
work=$dir/work
tree=$work/gopath/src/k8s.io/kubernetes
mkdir -p "$dir/bin" "$work/packages" "$work/home"

# The files of a Debian package, without its installation: etcd's would start a server.
unpack() {
  (
    cd "$work/packages"
    apt-get download -qq "$1"
    dpkg-deb -x "$1"_*.deb "$1"
  )
}

unpack_etcd() {
  unpack etcd-server
  unpack etcd-client
  cp "$work/packages/etcd-server/usr/bin/etcd" "$work/packages/etcd-client/usr/bin/etcdctl" "$dir/bin/"
  "$dir/bin/etcd" --version >/dev/null
  "$dir/bin/etcdctl" version >/dev/null
}

fetch_source() {
  local mirror
  mirror=$(apt-get indextargets --format '$(SITE) $(ORIGIN)' | awk '$2 == "Debian" { print $1; exit }')
  curl -fsS --retry 3 -o "$work/source.tar.gz" "$mirror/pool/main/k/kubernetes/${source//+/%2B}"
  echo "$checksum  $work/source.tar.gz" | sha256sum -c --quiet -
  rm -rf "$tree"
  mkdir -p "$tree"
  tar -xzf "$work/source.tar.gz" -C "$tree" --strip-components=1
}

# The copy of reflect2 in the source reads maps as Go did before 1.18: with Go 1.19 the server
# crashes on the first labels or annotations. Debian has the corrected one.
replace_reflect2() {
  unpack golang-github-modern-go-reflect2-dev
  rm -rf "$tree/vendor/github.com/modern-go/reflect2"
  cp -r "$work/packages/golang-github-modern-go-reflect2-dev/usr/share/gocode/src/github.com/modern-go/reflect2" \
    "$tree/vendor/github.com/modern-go/"
}

in_tree() {
  (
    cd "$tree"
    env HOME="$work/home" GOPATH="$work/gopath" GOPROXY=off GOFLAGS= GO111MODULE=off CGO_ENABLED=0 \
      PATH="$go:$PATH" nice -n 10 "$@"
  )
}

# The only generated file that the source lacks. It describes the API's types to clients.
generate_openapi() {
  local folders
  in_tree go build -o "$work/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
  folders=$(
    cd "$tree"
    { find -L vendor/k8s.io -name '*.go'; find pkg cmd plugin -name '*.go'; } | sort -u \
      | grep -vE '^vendor/k8s.io/(code-generator|sample-apiserver)/' \
      | xargs grep -l '^// *+k8s:openapi-gen=' | xargs -n 1 dirname | LC_ALL=C sort -u \
      | sed 's#^#k8s.io/kubernetes/#' | paste -sd, -
  )
  in_tree "$work/openapi-gen" --logtostderr -i "$folders" -p k8s.io/kubernetes/pkg/generated/openapi \
    -O zz_generated.openapi -h vendor/k8s.io/code-generator/hack/boilerplate.go.txt -r "$work/violations"
}

# GET /version says the first, --version the second.
build_server() {
  local package flags="-s -w"
  for package in client-go/pkg/version component-base/version; do
    flags+=" -X k8s.io/kubernetes/vendor/k8s.io/$package.gitVersion=v$version"
    flags+=" -X k8s.io/kubernetes/vendor/k8s.io/$package.gitMajor=${version%%.*}"
    flags+=" -X k8s.io/kubernetes/vendor/k8s.io/$package.gitMinor=$(cut -d . -f 2 <<<"$version")"
  done
  in_tree go build -ldflags "$flags" -o "$dir/bin/kube-apiserver" ./cmd/kube-apiserver
  "$dir/bin/kube-apiserver" --version
}

unpack_etcd
fetch_source
replace_reflect2
generate_openapi
build_server
echo "$version-$recipe" >"$made"
chmod -R u+w "$work"
rm -rf "$work"
