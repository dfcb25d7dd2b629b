package dev.understudy.haproxy;

import dev.understudy.testing.Extent;
import dev.understudy.testing.Rows;
import java.util.Map;
import org.junit.jupiter.api.Tag;

/** Backends that a value of the request names. */
@Tag(Extent.SLOW)
class NamedBackendsTest {
  private static final String SHOPS =
      "backend be_a.example ; server a 127.0.0.1:82 ; backend be_B.example ; server a 127.0.0.1:83";

  private static final String FRONT = "defaults ; mode http ; frontend web ; bind :80";
  private static final String TCP = "defaults ; mode tcp ; frontend web ; bind :443";
  private static final String BACKENDS =
      "default_backend app ; backend app ; server a 127.0.0.1:81 ; backend tls_a.example ;"
          + " server a 127.0.0.1:82 ; backend tls_h.example ; mode http ; server a 127.0.0.1:83";
  private static final String MAY_BE =
      "APPROXIMATED && says that it may name && uri: \"pool://be-a-example\" && predicates";
  private static final Map<String, String> FILES =
      Map.of(
          "/m", "a.example be_a.example\n",
          "/old", "/ be_a.example\n/old gone\n",
          "/whole", "/a be_a.example\n/old gone\n");

  @Rows(
      """
      # a route leads to each backend whose name it may be
      > use_backend be_%[req.hdr(host),lower] ; SHOPS | MAY_BE && Host=a.example && uri: "pool://app" && no uri: "pool://be-b-example
      > use_backend be_%[hdr(host),lower,host_only] ; SHOPS | MAY_BE && Host=a.example && uri: "pool://app" && no uri: "pool://be-b-example
      > use_backend be_%[req.hdr(Host),lower,field(1,:)] ; SHOPS | MAY_BE && Host=a.example && uri: "pool://app" && no uri: "pool://be-b-example
      > use_backend be_%[req.hdr(host),word(1,:),lower] ; SHOPS | MAY_BE && Host=a.example && uri: "pool://app" && no uri: "pool://be-b-example
      > use_backend be_%[req.hdr(X-To)] ; SHOPS | MAY_BE && When=header(X-To, a.example) && uri: "pool://app" && no uri: "pool://nothing
      > use_backend be_%[url_param(to)] ; SHOPS | MAY_BE && When=query(to, a.example) && uri: "pool://app" && no uri: "pool://nothing
      > use_backend be_%[req.cook(to)].example ; SHOPS | MAY_BE && When=cookie(to, a) && uri: "pool://app" && no uri: "pool://nothing
      # several values in a backend's name are reported
      > use_backend be_%[req.hdr(X-To)] ; SHOPS | says several values, any of them counts
      # any other name leads to the default backend whatever follows: HAProxy looks at no further line
      use_backend be_%[req.hdr(host)] if { path /n } ; use_backend be_B.example if { path_beg / } ; SHOPS | use_backend be_%[req.hdr(host)] if { path /n } && pool://app && When=path(/n) \
          && use_backend be_B.example && pool://be-b-example && default_backend app
      use_backend %[req.hdr(host),map(/m)] if { path /n } ; use_backend be_B.example if { path_beg / } ; SHOPS | use_backend %[req.hdr(host),map(/m)] if { path /n } && pool://app \
          && When=path(/n) && use_backend be_B.example && pool://be-b-example && default_backend app
      use_backend none_%[req.hdr(host)] if { path /n } ; use_backend be_B.example if { path_beg / } ; SHOPS | use_backend none_%[req.hdr(host)] if { path /n } && pool://app \
          && When=path(/n) && use_backend be_B.example && pool://be-b-example && default_backend app
      # without a default backend any other name is refused
      FRONT ; use_backend be_%[req.hdr(host)] if { path /n } ; use_backend be_B.example ; SHOPS | Host=a.example && no://op && When=path(/n) && Deny=503 && pool://be-b
      FRONT ; http-request set-path /n if { path /m } ; use_backend be_%[req.hdr(host)] if { path /n } ; use_backend be_B.example ; SHOPS \
          | SetVariable=understudy.backend, be-a-example when && SetVariable=understudy.backend, - when path(/n) \
          && SetVariable=understudy.backend, be-b-example when not variable(understudy.backend) && Deny=503 when variable(understudy.backend, -)
      # a key of a map whose backend there is not leads to the default backend
      use_backend %[path,map_beg(/old,be_B.example)] ; SHOPS | gone && pool://app && /old && pool://be-a-example && pool://be-b-example
      # a value without words is lost
      > use_backend be_%[req.hdr(host),regsub(x,y)] ; > use_backend be_%[rand(2)] ; > use_backend be_%[src]_%[path] ; > use_backend be_%[path,field(2,/)] ; SHOPS | UNSUPPORTED!
      > use_backend be_%HM ; SHOPS | UNSUPPORTED!
      # a rule before that changes the value is heard
      http-request set-header X-To a.example if { path /a } ; use_backend be_%[req.hdr(X-To)] ; SHOPS | SetVariable=understudy.backend, be-a-example when && no When=
      # a whole key whose backend there is not needs no route
      use_backend %[path,map(/whole)] ; SHOPS | gone && pool://be-a-example && pool://app && no /old
      # a server name leads to the backend that it names
      TCP ; > use_backend tls_%[req_ssl_sni] ; BACKENDS | APPROXIMATED && server-names: { a.example: tls-a-example }
      TCP ; > use_backend tls_%[req.ssl_sni,lower] ; BACKENDS | APPROXIMATED && server-names: { a.example: tls-a-example }
      # connections led by anything else are a guard
      TCP ; > use_backend tls_%[src] ; BACKENDS | UNSUPPORTED! && no server-names
      TCP ; > use_backend tls_%[req_ssl_sni] if { src 10.0.0.0/8 } ; BACKENDS | UNSUPPORTED! && no server-names
      TCP ; > use_backend none_%[req_ssl_sni] ; BACKENDS | UNSUPPORTED! && no server-names
      TCP ; > use_backend tls_%[req_ssl_sni,map(/none)] ; BACKENDS | UNSUPPORTED! && no server-names
      # backends that there are not are named where rules change what chooses
      FRONT ; http-request set-path /x ; use_backend one if { path /x } ; default_backend two ; backend app ; server s 192.0.2.1:80 | problem found 'one' && problem found 'two'
      """)
  void a_name(String lines, String expected) {
    String whole =
        lines
            .replace("FRONT", FRONT)
            .replace("TCP", TCP)
            .replace("BACKENDS", BACKENDS)
            .replace("SHOPS", SHOPS);
    ImportRow.check(whole, expected.replace("MAY_BE", MAY_BE), FILES);
  }
}
