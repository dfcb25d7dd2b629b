package dev.understudy.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.Header;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.Pool;
import dev.understudy.pool.TcpCheck;
import dev.understudy.testing.Rows;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What only several values together can tell, and the forms of addresses. */
class CrossChecksTest {
  @Test
  void a_close_code_may_be_any_that_a_server_may_send_and_no_other() {
    for (int code : new int[] {1000, 1001, 1003, 1007, 1011, 1012, 1013, 1014, 3000, 4999}) {
      Pool pool = pool("on-switch: { close-code: " + code + " }");
      assertThat(pool.settings().onSwitch().closeCode()).isEqualTo(code);
    }
    String expected =
        "gateway.yaml:5: pools.sense.on-switch.close-code: expected a close code that servers may"
            + " send (RFC 6455, 7.4): 1000-1003, 1007-1009, 1011-1014 or 3000-4999, found ";
    for (int code : new int[] {1004, 1005, 1006, 1010, 1015, 1016, 2000, 2999}) {
      assertThat(Texts.lines(text("on-switch: { close-code: " + code + " }")))
          .containsExactly(expected + code);
    }
  }

  /** No problem, or one. */
  @Rows(
      """
      # sessions that could not work are refused
      sticky: { type: prefix } | sticky.cookie: expected the name of the application's cookie
      sticky: { type: app-cookie } | sticky.cookie: expected the name of the application's cookie
      sticky: { type: client-address, cookie: X } | sticky.cookie: expected no cookie
      sticky: { same-site: none, secure: false } | sticky.secure: expected true
      sticky: { cookie: X, domain: "a b" } | sticky.domain: expected a host name
      # hooks that could not work are refused
      hooks: { demote: {} } | hooks.demote.url: expected a url, or a command
      hooks: { demote: { timeout: 1s } } | hooks.demote.url: expected a url, or a command
      hooks: { demote: { url: "http://a/x", required: true } } | hooks.demote.required: expected no such key, as a failover never waits for the fence
      hooks: { promote: { url: "http://{server.host}/x", command: [ a ] } } | hooks.promote.command: expected no command, as there is a url
      hooks: { promote: { command: [ a ], headers: { X-A: b } } } | hooks.promote.headers: expected none, as there is a command
      hooks: { promote: { command: [ /bin/sh ] } } | hooks.promote.command: expected first the name of a program, without a path
      hooks: { promote: { command: [ .. ] } } | hooks.promote.command: expected first the name of a program, without a path
      hooks: { promote: { url: "ftp://a/x" } } | hooks.promote.url: expected an http or https URL with a host
      hooks: { promote: { url: "http://user:pw@a/x" } } | hooks.promote.url: expected an http or https URL with a host
      hooks: { promote: { url: "http://{server.adress}/x" } } | hooks.promote.url: expected an http or https URL with a host
      hooks: { promote: { url: "http://a/x y" } } | hooks.promote.url: expected an http or https URL with a host
      hooks: { promote: { url: "http://a/x", timeout: 6m } } | hooks.promote.timeout: expected a duration of 100ms to 5m
      # a session with a database has a user
      health: { type: postgresql } | a user to begin the session with
      health: { type: redis, user: u } | password: expected a password, as there is a user
      health: { type: mysql, password: secret } | user: expected a user, as there is a password
      health: { type: mysql, tls: true } | user: expected a user to log in over TLS with
      health: { type: mysql, role: primary } | user: expected a user to ask for the role with
      health: { type: mysql, role: synced } | user: expected a user to ask for the role with
      health: { type: redis, role: synced } | health.role: expected any or primary: states of Galera are for type: mysql
      health: { type: postgresql, user: u, role: synced-or-donor } | health.role: expected any or primary: states of Galera are for type: mysql
      health: { type: tcp, role: synced } | health.role: expected only with type: postgresql, redis or mysql
      # hooks have urls of servers
      hooks: { promote: { url: "http://{server.host}:{server.port}/{pool}/{server.name}?a=b" } } |
      hooks: { promote: { url: "https://[::1]:8443" } } |
      hooks: { promote: { url: "http://10.0.0.1/a%20b" } } |
      # expectations are checked
      health: { expect: { body-regex: '[' } } | health.expect.body-regex: expected a regular expression (
      health: { expect: { header: { contains: a } } } | health.expect.header.name: expected the name of a header, found nothing
      health: { expect: { header: { name: 'a b' } } } | health.expect.header.name: expected a token
      health: { expect: { body: '' } } | health.expect.body: expected a text of 1 to 4096 characters
      health: { expect: { status: 200- } } | health.expect.status: expected status codes from 100 to 599
      # the fast interval is at most the interval
      health: { interval: 1s, fast-interval: 2s } | health.fast-interval: expected at most the interval, found "2s"
      health: { interval: never, fast-interval: 2s } | health.interval
      # windows of circuit breakers are whole seconds
      passive: { window: 1500ms } | passive.window: expected whole seconds, found "1500ms"
      # a check has the settings of its type
      health: { type: http, password: secret } | health.password: expected only with type: postgresql, redis or mysql
      health: { type: tcp, name: Orders } | health.name: expected only with type: extension
      health: { type: tcp, arguments: { a: b } } | health.arguments: expected only with type: extension
      health: { type: extension, name: Orders, proxy-protocol: true } | health.proxy-protocol: expected only with type: http
      health: { type: extension, name: Orders, arguments: { a: b }, port: 8008, tls: true } |
      # a check of an extension has a name
      health: { type: extension } | health.name: expected the name of a check of the extensions
      health: { type: extension, name: "a b" } | health.name: expected a name of at most 100 letters
      # headers of a probe are lines of HTTP
      health: { headers: { Host: a } } | health.headers.Host: expected as health.host, not among the headers
      health: { headers: { X: "a\\r\\nY: secret" } } | expected a header value
      health: { headers: { X: on } } | health.headers.X: expected
      """)
  void a_setting_of_a_pool_has_that_problem(String setting, @Nullable String problem) {
    List<String> problems = Texts.lines(text(setting));
    assertThat(problems).hasSize(problem == null ? 0 : 1);
    assertThat(problems)
        .allSatisfy(
            line ->
                assertThat(line)
                    .startsWith("gateway.yaml:5: pools.sense.")
                    .contains(problem)
                    .doesNotContain("pw@", "secret"));
  }

  @Test
  void a_balance_pool_has_no_hooks() {
    assertThat(
            Texts.lines(
                Texts.POOL
                    + "    mode: balance\n    hooks: { promote: { url: \"http://a\" } }\n"
                    + Texts.ROUTE))
        .singleElement()
        .asString()
        .contains("hooks: expected none in a balance pool");
  }

  /** No problem, or one. */
  @Rows(
      """
      # servers from DNS that could not work are refused
      app: { url: "http+srv://_http._tcp.a" } | app.count: expected the highest number of servers
      app: { url: "http://10.0.0.1", count: 2 } | app.count: expected no count
      app: { url: "http://a", count: 101 } | app.count: expected a whole number
      app: { url: "http://a", count: 99 }, b: { url: "http://b", count: 2 } | servers: expected at most 100 servers
      app: { url: "http://a", count: 2 }, app-10-0-0-1: { url: "http://b" } | app-10-0-0-1: expected another name
      a-name-that-is-too-long-for-it: { url: "http://a", count: 2 } | expected a name of at most 24 characters
      app: { url: "http://a", count: 2, role: backup } | expected at least one server with the role master
      app: { url: "http+srv://_http._tcp.a:80", count: 2 } | app.url: expected http+srv://
      app: { url: "http://_http._tcp.a", count: 2 } | app.url: expected http+srv://
      app: { url: "http+k8s://web" } | app.count: expected the highest number of servers to take from the Service's endpoints
      app: { url: "http+k8s://web.shop.svc", count: 2 } | app.url: expected http+k8s://SERVICE
      app: { url: "http+k8s://web:0", count: 2 } | app.url: expected http+k8s://SERVICE
      app: { url: "http+k8s://web:70000", count: 2 } | app.url: expected http+k8s://SERVICE
      app: { url: "http+k8s://web:808080", count: 2 } | app.url: expected http+k8s://SERVICE
      app: { url: "http+k8s://web_a", count: 2 } | app.url: expected http+k8s://SERVICE
      app: { url: "http+k8s://web/x", count: 2 } | app.url: expected http+k8s://SERVICE
      app: { url: "http+k8s://web", count: 2, role-label: primary } | app.role-label: expected a label of Pods and its value
      app: { url: "http://a", count: 2, role-label: "a=b" } | app.role-label: expected no role-label
      app: { url: "http://a", role-label: "a=b" } | app.role-label: expected no role-label
      app: { url: "http+k8s://web", count: 2, zone: a } | app.zone: expected no zone, as a Pod has the zone of its node
      app: { url: "http://a", count: 2, pods: [app-0] } | app.pods: expected no pods
      app: { url: "http+k8s://web", count: 2, pods: [] } | app.pods: expected at least one Pod
      app: { url: "http+k8s://web", count: 2, pods: ["app 0"] } | app.pods[0]: expected a name of at most 100
      app: { url: "http+k8s://web", count: 1, pods: [a, b] }, b: { url: "http+k8s://web", count: 1, pods: [b] } | b.pods: expected each Pod of a Service once: app has one of these
      app: { url: "http+k8s://web", count: 1, pods: [a] }, b: { url: "http+k8s://web", count: 1, role: backup } |
      app: { url: "http+k8s://web", count: 1, pods: [a] }, b: { url: "http+k8s://other", count: 1, pods: [a] } |
      app: { url: "http://a", zone: "a b" } | app.zone: expected a name of at most 100
      # a url is refused for what is wrong with it
      app: { url: "http://a:99999" } | servers.app.url: expected a port from 1 to 65535 after the host, or none, found "http://a:99999"
      app: { url: "http://a:0" } | servers.app.url: expected a port from 1 to 65535 after the host, or none, found "http://a:0"
      app: { url: "http://[::1]:70000" } | servers.app.url: expected a port from 1 to 65535 after the host, or none, found "http://[::1]:70000"
      app: { url: "http://a:http" } | servers.app.url: expected a port from 1 to 65535 after the host, or none, found "http://a:http"
      app: { url: "http://a:80/app" } | servers.app.url: expected a url that ends with the host or its port: each request has its own path (the filter PrefixPath adds a prefix), and probes use health.path, found "http://a:80/app"
      app: { url: "https://a/" } | servers.app.url: expected a url that ends with the host or its port: each request has its own path (the filter PrefixPath adds a prefix), and probes use health.path, found "https://a/"
      app: { url: "http://app.ns.svc.:8080" } | servers.app.url: expected a host without a dot at its end, found "http://app.ns.svc.:8080"
      app: { url: "https://a." } | servers.app.url: expected a host without a dot at its end, found "https://a."
      app: { url: "ftp://a" } | servers.app.url: expected http:// or https:// before the host, or tcp:// or tls:// for TCP, found "ftp://a"
      app: { url: "http://me:secret@a" } | servers.app.url: expected a url without user and password; not shown
      app: { url: "http://_http._tcp.app.svc" } | servers.app.url: expected http+srv://_service._proto.name (or https+srv, tcp+srv, tls+srv) and a count for SRV records, or a host and its port, found "http://_http._tcp.app.svc"
      app: { url: "http://_HTTP._TCP.app:80" } | servers.app.url: expected http+srv://_service._proto.name (or https+srv, tcp+srv, tls+srv) and a count for SRV records, or a host and its port, found "http://_HTTP._TCP.app:80"
      app: { url: "_sip._udp.app" } | servers.app.url: expected http+srv://_service._proto.name (or https+srv, tcp+srv, tls+srv) and a count for SRV records, or a host and its port, found "_sip._udp.app"
      # a host may have underscores
      app: { url: "http://_app" } |
      app: { url: "http://my_app._team.svc" } |
      app: { url: "http://_a._tcpx" } |
      """)
  void the_servers_of_a_pool_have_that_problem(String servers, @Nullable String problem) {
    List<String> problems =
        Texts.lines("pools: { sense: { servers: { " + servers + " } } }\n" + Texts.ROUTE);
    assertThat(problems).hasSize(problem == null ? 0 : 1);
    assertThat(problems)
        .allSatisfy(
            line -> assertThat(line).contains(String.valueOf(problem)).doesNotContain("secret"));
  }

  @Rows(
      """
      name
      10.0.0.1:0
      10.0.0.1:99999
      10.0.0.1:
      [fd00::1
      fd00::1
      """)
  void a_name_server_is_an_address(String server) {
    String text = "dns: { servers: [\"" + server + "\"] }\n" + Texts.POOL + Texts.ROUTE;
    assertThat(Texts.lines(text))
        .hasSize(1)
        .first()
        .asString()
        .contains("dns.servers[0]: expected the address of a name server");
  }

  @Test
  void a_server_from_dns_has_no_name_that_a_route_could_prefer() {
    String text =
        "pools: { sense: { servers: { app: { url: \"http://a\", count: 2 } } } }\n"
            + Texts.ROUTE.replace("] }", "], filters: [PreferServer=app] }");
    assertThat(Texts.lines(text)).hasSize(1).first().asString().contains("PreferServer");
  }

  @Test
  void a_route_prefers_servers_of_pools_that_filters_before_choose() {
    String text =
        "pools: { sense: { servers: { app: { url: \"http://a\" } } },"
            + " other: { servers: { two: { url: \"http://b\" } } } }\n"
            + Texts.ROUTE;
    assertThat(
            Texts.lines(
                text.replace("] }", "], filters: [\"UsePool=other\", \"PreferServer=two\"] }")))
        .isEmpty();
    assertThat(
            Texts.lines(
                text.replace("] }", "], filters: [\"PreferServer=two\", \"UsePool=other\"] }")))
        .hasSize(1)
        .first()
        .asString()
        .contains("expected PreferServer with one of the pool's servers: app");
  }

  @Test
  void every_problem_at_once_in_the_order_of_the_file() {
    Texts.check(
        """
        pools:
          sense:
            mode: failovr #! pools.sense.mode: expected failover or balance, found "failovr"
            servers:
              sen2: { url: "react2:8079", role: master } #! pools.sense.servers.sen2.url: expected URL, found "react2:8079"
              Sen1: { url: "http://react1:8079", role: backup } #! pools.sense.servers.Sen1: expected the name to be a DNS label of at most 40 characters (a-z, 0-9, '-'), found "Sen1"
            helth: { fall: 3 } #! pools.sense.helth: unknown key, did you mean "health"?
            health:
              fall: three #! pools.sense.health.fall: expected a whole number of at least 1 and at most 100, found "three"
              interval: 2 #! pools.sense.health.interval: expected a duration of 10ms to 24h, such as 2s or 250ms, found 2
            retry: [1] #! pools.sense.retry: expected a map, found a list
        routes:
          - { id: a, uri: "pool://sence", predicates: ["Path=/**"], filters: ["PreferServer=sen3"] } #! routes[0].uri: expected the name of a pool in this file; did you mean pool://sense?, found "pool://sence"
          - { id: a, uri: "pool://sense", predicates: ["Path"], filters: ["PreferServer=sen3"] } #! routes[1].id: expected a unique id: the route in line 13 has the same, found "a" #! routes[1].predicates[0]: expected a predicate such as Path=/**, found "Path" #! routes[1].filters[0]: expected PreferServer with one of the pool's servers: sen2, Sen1; did you mean "sen2"?, found "PreferServer=sen3"
        """
            .replace("URL", ServerUrl.EXPECTED));
  }

  @Rows(
      """
      http://react2.domain.com:8079 | false | react2.domain.com | 8079
      http://a                      | false | a                 | 80
      HTTPS://A                     | true  | a                 | 443
      https://a:1                   | true  | a                 | 1
      http://my_app:65535           | false | my_app            | 65535
      http://10.0.0.1:80            | false | 10.0.0.1          | 80
      http://[::1]:80               | false | ::1               | 80
      https://[2001:db8::1]         | true  | 2001:db8::1       | 443
      """)
  void urls_of_servers(String url, boolean tls, String host, int port) {
    var address = ServerUrl.parse(url);
    assertThat(address).isNotNull();
    assertThat(address.tls()).isEqualTo(tls);
    assertThat(address.host()).isEqualTo(host);
    assertThat(address.port()).isEqualTo(port);
  }

  @Test
  void malformed_urls_of_servers() {
    String words =
        """
        a a:80 //a ftp://a http:// http://:80 http://a: http://a:0 http://a:65536 http://a:99999 \
        http://a/ http://a/b http://a?b http://a#b http://u@a http://u:p@a http://-a http://a..b \
        http://a- http://[::1 http://[g::1] http://[1.2.3.4] http://1.2.3 http://256.1.1.1 \
        http://1.2.3.4. http://ä http://a:１\
        """;
    assertThat(Stream.of(words.split(" ")))
        .hasSize(27)
        .allMatch(url -> ServerUrl.parse(url) == null);
    assertThat(Stream.of("", "http://a b", "http://a:80\n", " http://a"))
        .allMatch(url -> ServerUrl.parse(url) == null);
  }

  @Test
  void a_pool_needs_a_master() {
    assertThat(
            Texts.lines(
                "pools: { a: { servers: { s: { url: 'http://a', role: backup } } } }\n"
                    + "routes: [{ id: r, uri: 'pool://a', predicates: ['Path=/'] }]\n"))
        .containsExactly(
            "gateway.yaml:1: pools.a.servers: expected at least one server with the role master,"
                + " found backups only");
  }

  @Test
  void no_server_is_called_as_the_switch_to_the_pools_own_choice_is() {
    Texts.check(
        """
        pools:
          auto:
            servers:
              one: { url: "http://a" }
              auto: { url: "http://b", role: backup } #! pools.auto.servers.auto: expected another name: in the API, a switch to auto means the pool's own choice, found "auto"
        routes:
          - { id: auto, uri: "pool://auto", predicates: ["Path=/**"] }
        """);
  }

  @Test
  void the_fast_interval_follows_the_interval_when_left_out() {
    assertThat(pool("health: { interval: 100ms }").health().fastInterval())
        .isEqualTo(Duration.ofMillis(100));
  }

  @Test
  void a_tcp_check_has_no_http_settings() {
    assertThat(pool("health: { type: tcp, port: 81 }").health().check())
        .isEqualTo(new TcpCheck(List.of(), new CheckConnection(OptionalInt.of(81), null, false)));
    assertThat(health("type: tcp, path: /, expect: { body: a }"))
        .containsExactly(
            "gateway.yaml:5: pools.sense.health.path: expected only with type: http",
            "gateway.yaml:5: pools.sense.health.expect.body: expected only with type: http");
  }

  @Test
  void headers_of_a_probe_are_lines_of_http() {
    assertThat(health("headers: { 'a b': c, Connection: close, X: a, x: b }")).hasSize(3);
    HttpCheck check = (HttpCheck) pool("health: { headers: { X.y_Z: 'on' } }").health().check();
    assertThat(check.headers()).containsExactly(new Header("X.y_Z", "on"));
  }

  @Test
  void an_empty_list_of_methods_is_taken_at_its_word() {
    assertThat(pool("retry: { methods: [] }").settings().retry().methods()).isEmpty();
    assertThat(Texts.lines(text("retry: { methods: [GET, get, GET] }"))).hasSize(2);
    assertThat(Texts.lines(text("retry: { methods: [GET, [PUT], HEAD] }"))).hasSize(1);
  }

  @Test
  void an_expression_has_a_bounded_length() {
    String nested = "(".repeat(500) + "a" + ")".repeat(500);
    assertThat(health("expect: { body-regex: '" + nested + "' }")).isEmpty();
    assertThat(health("expect: { body-regex: '" + nested + nested + "' }")).hasSize(1);
  }

  @Test
  void zero_needs_no_unit() {
    assertThat(pool("hold: { time: 0, body: 0, requests: 0 }").settings().hold().time()).isZero();
  }

  private static Pool pool(String setting) {
    return Texts.good(text(setting)).pools().get(0);
  }

  private static List<String> health(String settings) {
    return Texts.lines(text("health: { " + settings + " }"));
  }

  private static String text(String setting) {
    return Texts.POOL + "    " + setting + "\n" + Texts.ROUTE;
  }

  @Test
  void listeners_are_checked_against_the_pools_and_one_another() {
    Texts.check(
        """
        pools:
          web: { servers: { a: { url: "http://a:1" }, b: { url: "tcp://b:1" } } } #! pools.web.servers.b.url: expected http:// or https://, as the pool's first server has, found "tcp://b:1"
          shop: { servers: { a: { url: "http://a:1" } } }
          tcp: { servers: { a: { url: "tcp://a:5432" } } }
        listeners:
          main: { port: 1 } #! listeners.main: expected another name: main and http are the listeners of the static settings, found "main"
          one: { port: 2, pool: shop } #! listeners.one.pool: expected a pool with tcp:// or tls:// servers: one with http:// or https:// is a route's, found "shop"
          two: { port: 2, pool: tpc } #! listeners.two.pool: expected the name of a pool in this file; did you mean tcp?, found "tpc"
          three: { port: 2, address: 10.0.0.300 } #! listeners.three.address: expected an IP address such as 127.0.0.1 or ::1, found "10.0.0.300"
          four: { port: 3, tls: {} } #! listeners.four.tls: expected either certificates or a bundle
          five: { port: 3, tls: { certificates: [a.pem], bundle: b } } #! listeners.five.tls: expected either certificates or a bundle
          six: { port: 4, tls: { certificates: [src/test/resources/dev/understudy/config/site.pem], client-auth: required } } #! listeners.six.tls.client-auth: expected client-auth only with client-ca, the authorities of client certificates, found "required"
          seven: { port: 5, tls: { bundle: b, client-ca: ca.pem } } #! listeners.seven.tls.client-ca: expected client-ca only with client-auth: optional or required, found "ca.pem"
          eight: { port: 6, pool: tcp, server-names: { A.example: tcp, a.example: tcp } } #! listeners.eight.server-names."a.example": expected each name only once, in any letter case
          nine: { port: 7 }
          ten: { port: 7 } #! listeners.ten.port: expected a port of its own: the listener in line 15 has the same, found 7
          eleven: { port: 8, tls: { bundle: b, crl: revoked.pem } } #! listeners.eleven.tls.crl: expected crl only with client-ca, whose client certificates it revokes, found "revoked.pem"
        routes:
          - { id: r, uri: "pool://tcp", predicates: ["Path=/"] } #! routes[0].uri: expected a pool with http:// or https:// servers: one with tcp:// or tls:// is a listener's, found "pool://tcp"
        """);
  }

  @Test
  void protocols_of_a_listener_are_told_apart_and_lead_to_tcp_pools() {
    Texts.check(
        """
        pools:
          shop: { servers: { a: { url: "http://a:1" } } }
          tcp: { servers: { a: { url: "tcp://a:5432" } } }
        listeners:
          good: { port: 1, protocols: { tls: tcp, ssh: tcp, http: tcp, "0x0300": tcp, "0x160301": tcp } }
          plain: { port: 12, protocols: { 0x0300: tcp } } #! listeners.plain.protocols.0x0300: expected a key in quotes (YAML does not read it as text)
          pool: { port: 2, protocols: { ssh: shop, tls: tpc } } #! listeners.pool.protocols.ssh: expected a pool with tcp:// or tls:// servers: one with http:// or https:// is a route's, found "shop" #! listeners.pool.protocols.tls: expected the name of a pool in this file; did you mean tcp?, found "tpc"
          odd: { port: 3, protocols: { "0x030": tcp } } #! listeners.odd.protocols.0x030: expected the name to be tls, ssh, http, or 0x and 1 to 16 bytes in hexadecimal, such as 0x0300, found "0x030"
          long: { port: 4, protocols: { "0x000102030405060708090a0b0c0d0e0f10": tcp } } #! listeners.long.protocols.0x000102030405060708090a0b0c0d0e0f10: expected the name to be tls, ssh, http, or 0x and 1 to 16 bytes in hexadecimal, such as 0x0300, found "0x000102030405060708090a0b0c0d0e0f10"
          name: { port: 5, protocols: { SSH: tcp, smtp: tcp } } #! listeners.name.protocols.SSH: expected the name to be tls, ssh, http, or 0x and 1 to 16 bytes in hexadecimal, such as 0x0300, found "SSH" #! listeners.name.protocols.smtp: expected the name to be tls, ssh, http, or 0x and 1 to 16 bytes in hexadecimal, such as 0x0300, found "smtp"
          twice: { port: 6, protocols: { "0xab00": tcp, "0xAB00": tcp } } #! listeners.twice.protocols.0xAB00: expected each prefix only once, in any letter case
          first: { port: 7, protocols: { tls: tcp, "0x16": tcp } } #! listeners.first.protocols.tls: expected no 0x16 in the same map: all clients of this protocol begin with that prefix, and prefixes are compared first
          same: { port: 8, protocols: { ssh: tcp, "0x5353482D": tcp } } #! listeners.same.protocols.ssh: expected no 0x5353482d in the same map: all clients of this protocol begin with that prefix, and prefixes are compared first
          ends: { port: 9, tls: { bundle: b }, protocols: { ssh: tcp } } #! listeners.ends.protocols: expected no protocols in a listener with tls: all of its clients begin with TLS
          time: { port: 10, protocols: { ssh: tcp }, inspect-delay: 11m } #! listeners.time.inspect-delay: expected a duration of 1ms to 10m, such as 2s or 250ms, found "11m"
          two: { port: 12, tls: { bundle: b }, http2: true } #! listeners.two.http2: expected no http2 beside tls, which has its own: tls.http2, found true
          relay: { port: 13, pool: tcp, http2: true } #! listeners.relay.http2: expected http2 only in a listener that serves HTTP; this one relays TCP, found true
          list: { port: 11, protocols: [ ssh ] } #! listeners.list.protocols: expected a map, found a list
        """);
  }

  @Test
  void a_file_whose_listeners_all_relay_tcp_needs_no_route() {
    String pools = "pools: { db: { servers: { a: { url: 'tcp://a:5432' } } } }\n";
    assertThat(Texts.lines(pools + "listeners: { pg: { port: 5432, pool: db } }\n")).isEmpty();
    assertThat(Texts.lines(pools + "listeners: { web: { port: 8081 } }\n"))
        .containsExactly("gateway.yaml:1: routes: expected at least one route, found nothing");
  }

  @Test
  void tcp_servers_get_no_warm_up_requests() {
    String pool =
        """
        pools:
          db:
            servers: { one: { url: "tcp://a:1" } }
            failback: { warm-up: {} }
        listeners: { db: { port: 5432, pool: db } }
        """;
    assertThat(Texts.lines(pool))
        .containsExactly(
            "gateway.yaml:4: pools.db.failback.warm-up: expected only with http servers");
  }
}
