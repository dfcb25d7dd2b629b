#!/usr/bin/env bash
# Builds the programs that the conformance tests start: kube-apiserver, kubectl, etcd and etcdctl, in DIR/bin.
#
#   src/conformance/kubernetes/build.sh [DIR]
#
# DIR defaults to $UNDERSTUDY_KUBERNETES, then to ~/.cache/understudy-kubernetes. A finished build in
# DIR is reused; a new one takes some minutes. All sources come from Debian 12, from the mirror that
# apt uses: no container, no Go module proxy. Needs curl, golang-1.19-go and apt's lists.
set -euo pipefail

version=1.20.2
# Debian packages only the Kubernetes client; its source package contains the server's source.
# The checksum is the one in Debian's signed index of sources.
source=kubernetes_1.20.5+really1.20.2.orig.tar.gz
checksum=b83c0780efb182d928dc63d46488a847f161f04e40a94b96bf5247dd671ecdfc
# A new number forces a new build.
recipe=3

dir=$(readlink -m "${1:-${UNDERSTUDY_KUBERNETES:-$HOME/.cache/understudy-kubernetes}}")
made=$dir/bin/made
[ "$(cat "$made" 2>/dev/null)" = "$version-$recipe" ] && exit 0
echo "building kube-apiserver $version in $dir"

go=/usr/lib/go-1.19/bin
[ -x "$go/go" ] || { echo "no $go/go: install golang-1.19-go" >&2; exit 1; }
work=$dir/work
tree=$work/gopath/src/k8s.io/kubernetes
mkdir -p "$dir/bin" "$work/packages" "$work/home"

# Unpacks a Debian package without installing it: an installation of etcd would start a server, and that of kubectl
# replace another one.
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

unpack_kubectl() {
  unpack kubernetes-client
  cp "$work/packages/kubernetes-client/usr/bin/kubectl" "$dir/bin/"
  "$dir/bin/kubectl" version --client --short
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

# The copy of reflect2 in the source reads maps as laid out before Go 1.18: built with Go 1.19, the
# server crashes on the first labels or annotations. Debian packages the corrected version.
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

# Generates the only generated file that the source lacks; it describes the API's types to clients.
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

# GET /version reports the first, --version the second. Without the libraries of cloud providers, which take longer
# to compile than all else.
build_server() {
  local package flags="-s -w"
  for package in client-go/pkg/version component-base/version; do
    flags+=" -X k8s.io/kubernetes/vendor/k8s.io/$package.gitVersion=v$version"
    flags+=" -X k8s.io/kubernetes/vendor/k8s.io/$package.gitMajor=${version%%.*}"
    flags+=" -X k8s.io/kubernetes/vendor/k8s.io/$package.gitMinor=$(cut -d . -f 2 <<<"$version")"
  done
  in_tree go build -tags providerless -ldflags "$flags" -o "$dir/bin/kube-apiserver" ./cmd/kube-apiserver
  "$dir/bin/kube-apiserver" --version
}

unpack_etcd
unpack_kubectl
fetch_source
replace_reflect2
generate_openapi
build_server
echo "$version-$recipe" >"$made"
chmod -R u+w "$work"
rm -rf "$work"
