package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.understudy.application.SpringProxy;
import dev.understudy.assembly.Instrumentation;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** A start that fails for a static setting says in one sentence which one, and what it may be. */
@ExtendWith(OutputCaptureExtension.class)
@Isolated("reads standard output")
public class WrongSettingsTest {
  @TempDir static Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          server.port=99999 | command line: server.port: expected a port from 0 to 65535, found 99999
          server.port=-2 | command line: server.port: expected a port from 0 to 65535, found -2
          server.port=abc | command line: server.port: expected a port from 0 to 65535, found "abc"
          management.server.port=99999 | command line: management.server.port: expected a port from 0 to 65535, found 99999
          management.server.port=abc | command line: management.server.port: expected a port from 0 to 65535, found "abc"
          understudy.http.port=99999 | command line: understudy.http.port: expected a port from 0 to 65535, found 99999
          understudy.http.port=x | command line: understudy.http.port: expected a port from 0 to 65535, found "x"
          understudy.zzzzz=on | command line: understudy.zzzzz: unknown setting, expected one of config, trusted-proxies, state-file, sticky-key-file, log-format, access-log, access-log-fields, tracing, http, proxy-protocol, drain, cpu-affinity, admin, client, server, tls, express, doubt, zone, agreement, hooks, extensions, gateway-api, handover, notifications
          understudy.acces-log=on ; understudy.client.idel=1s | command line: understudy.acces-log: unknown setting, did you mean "access-log"? // command line: understudy.client.idel: unknown setting, did you mean "idle"?
          understudy.access-log=on | command line: understudy.access-log: expected off, plain, json or haproxy, found "on"
          understudy.tracing=maybe | command line: understudy.tracing: expected off or on, found "maybe"
          understudy.tracing=on ; management.opentelemetry.tracing.export.otlp.transport=grpc | command line: management.opentelemetry.tracing.export.otlp.transport: expected http, usually on port 4318, found "grpc"
          understudy.tracing=on ; management.opentelemetry.tracing.export.otlp.endpoint=collector:4318 | command line: management.opentelemetry.tracing.export.otlp.endpoint: expected a URL such as http://collector:4318/v1/traces, found "collector:4318"
          understudy.gateway-api.ports.80=70000 | understudy.gateway-api.ports: expected ports from 1 to 65535, found "80=70000"
          understudy.gateway-api.services.a.80=9081 | understudy.gateway-api.service: expected a Service too where services has further ones, found ""
          understudy.gateway-api.service=b ; understudy.gateway-api.services.A.80=9081 | understudy.gateway-api.services: expected a DNS label of at most 63 characters, found "A"
          understudy.gateway-api.service=b ; understudy.gateway-api.services.a.80=9080 | understudy.gateway-api.services.a: expected each port to listen on only once, found "{80=9080}"
          understudy.gateway-api.service=a ; understudy.gateway-api.services.a.80=1 | understudy.gateway-api.services: expected others than service, found "a"
          understudy.express=maybe | command line: understudy.express: expected on or off, found "maybe"
          understudy.cpu-affinity=maybe | command line: understudy.cpu-affinity: expected auto or off, found "maybe"
          understudy.tls.provider=jdk ; understudy.tls.groups=x25519,kyber | command line: understudy.tls.groups: expected groups that the JDK's TLS has (x25519, secp256r1, secp384r1, secp521r1, x448, ffdhe2048, ffdhe3072, ffdhe4096, ffdhe6144, ffdhe8192), found "kyber"
          understudy.proxy-protocol=maybe | command line: understudy.proxy-protocol: expected off or on, found "maybe"
          understudy.drain.delay=5x | command line: understudy.drain.delay: expected a duration with its unit, such as 5s or 500ms, found "5x"
          understudy.drain.delay=-1s | command line: understudy.drain.delay: expected zero or more, found "-1s"
          understudy.drain.delay=5 | command line: understudy.drain.delay: expected a duration with its unit, such as 5s or 500ms, found 5
          understudy.client.idle=-1s | command line: understudy.client.idle: expected a duration of more than zero, such as 10s, found "-1s"
          understudy.client.max-headers=x | command line: understudy.client.max-headers: expected a whole number, found "x"
          understudy.client.max-headers=0 | command line: understudy.client.max-headers: expected a number of at least 1, found 0
          understudy.client.max-header-size=16 | command line: understudy.client.max-header-size: expected a size from 1KB to 1MB, such as 16KB, found 16
          understudy.client.max-header-size=16 bits | command line: understudy.client.max-header-size: expected a size, such as 16KB, found "16 bits"
          understudy.client.refuse-ambiguous-paths=maybe | command line: understudy.client.refuse-ambiguous-paths: expected true or false, found "maybe"
          understudy.extensions=missing | command line: understudy.extensions: expected a directory of jars that can be read, found "missing"
          understudy.sticky-key-file=missing | command line: understudy.sticky-key-file: the file missing cannot be read: it does not exist
          understudy.tls.ticket-keys=missing | command line: understudy.tls.ticket-keys: the file missing cannot be read: it does not exist
          understudy.tls.provider=openssl | command line: understudy.tls.provider: expected auto or jdk, found "openssl"
          understudy.admin.token=a ; understudy.admin.token-file=b | understudy.admin.token and understudy.admin.token-file are both set; expected one of them
          understudy.admin.token=a ; understudy.admin.tokens-file=b | understudy.admin.token and understudy.admin.tokens-file are both set; expected one of them
          understudy.admin.reads=maybe | command line: understudy.admin.reads: expected open or token, found "maybe"
          understudy.admin.reads=token | command line: understudy.admin.reads: expected open, as no token is set (understudy.admin.token, understudy.admin.token-file or understudy.admin.tokens-file), found "token"
          understudy.admin.hosts=a.example,http://b.example | command line: understudy.admin.hosts: expected a name without scheme and port, such as admin.example.com or *.example.com, or * for every host, found "http://b.example"
          server.address=not an address | command line: server.address: expected an address of this machine, found "not an address"
          spring.lifecycle.timeout-per-shutdown-phase=5x | command line: spring.lifecycle.timeout-per-shutdown-phase: expected a duration with its unit, such as 5s or 500ms, found "5x"
          understudy.client=5s | command line: understudy.client: expected settings below it, any of header-timeout, keep-alive, idle, max-connections, max-connections-per-address, max-header-size, max-request-line, max-headers, max-path-segments, max-query-parameters, max-cookies, max-requests-per-connection, max-body, memory, refuse-ambiguous-paths, found "5s"
          understudy.access-log.format=json | command line: understudy.access-log.format: unknown setting: understudy.access-log has no settings below it
          understudy.agreement.mode=zookeeper | command line: understudy.agreement.mode: expected standalone, kubernetes or etcd, found "zookeeper"
          understudy.agreement.on-loss=wait | command line: understudy.agreement.on-loss: expected local or hold, found "wait"
          understudy.agreement.renew=2 | command line: understudy.agreement.renew: expected a duration with its unit, such as 5s or 500ms, found 2
          understudy.agreement.renew=10ms | command line: understudy.agreement.renew: expected a duration from 500ms to 30s, found "10ms"
          understudy.agreement.replica=a_b | command line: understudy.agreement.replica: expected at most 200 of a-z, 0-9, '-' and '.' that begin and end with a letter or a digit, found "a_b"
          understudy.agreement.replica=-a | command line: understudy.agreement.replica: expected at most 200 of a-z, 0-9, '-' and '.' that begin and end with a letter or a digit, found "-a"
          understudy.agreement.name=My Shop | command line: understudy.agreement.name: expected a DNS label of at most 40 characters (a-z, 0-9, '-'), found "My Shop"
          understudy.agreement.kubernetes=x | command line: understudy.agreement.kubernetes: expected settings below it, any of url, namespace, token-file, ca-file, pod-name, pod-uid, found "x"
          understudy.agreement.kubernetes.pod-uid=x | understudy.agreement.kubernetes.pod-name: expected a value, because pod-uid is set
          understudy.agreement.kubernetes.pod-name=x | understudy.agreement.kubernetes.pod-uid: expected a value, because pod-name is set
          understudy.agreement.mode=kubernetes ; understudy.agreement.kubernetes.url=ftp://a | command line: understudy.agreement.kubernetes.url: "ftp://a" is neither http: nor https:; expected e.g. https://10.96.0.1:443
          understudy.agreement.etcd.url=http://etcd:2379 | command line: understudy.agreement.etcd.url: unknown setting, did you mean "urls"?
          understudy.agreement.mode=etcd | understudy.agreement.etcd.urls: expected 1 to 16, found 0 URLs
          understudy.agreement.mode=etcd ; understudy.agreement.etcd.urls=http://a:2379,b:2379 | understudy.agreement.etcd.urls[1]: expected http or https, host and port, such as http://etcd-0:2379, found "b:2379"
          understudy.agreement.mode=etcd ; understudy.agreement.etcd.urls=http://etcd:2379 ; understudy.agreement.etcd.prefix=/shop | command line: understudy.agreement.etcd.prefix: expected printable ASCII without blanks that ends with "/", at most 200 characters, such as "/understudy/shop/", found "/shop"
          understudy.agreement.mode=etcd ; understudy.agreement.etcd.urls=http://etcd:2379 ; understudy.agreement.etcd.username=me | understudy.agreement.etcd.password-file: expected a path, as there is a username, found nothing
          understudy.agreement.mode=etcd ; understudy.agreement.etcd.urls=https://etcd:2379 ; understudy.agreement.etcd.bundle=nope | command line: understudy.agreement.etcd.bundle: expected an SSL bundle that can be used (spring.ssl.bundle.*.nope): SSL bundle name 'nope' cannot be found
          understudy.notifications[0].url=http://a | understudy.notifications[0].name: expected a DNS label of at most 40 characters (a-z, 0-9, '-'), found nothing
          understudy.notifications[0].name=My Chat | command line: understudy.notifications[0].name: expected a DNS label of at most 40 characters (a-z, 0-9, '-'), found "My Chat"
          understudy.notifications[0].name=a ; understudy.notifications[0].url=http://a ; understudy.notifications[1].name=a ; understudy.notifications[1].url=http://b | command line: understudy.notifications[1].name: expected a name that no other receiver has, found "a"
          understudy.notifications[0].name=a | understudy.notifications[0].url: expected an http or https URL with a host
          understudy.notifications[0].name=a ; understudy.notifications[0].url=ftp://user:secret@a/token | command line: understudy.notifications[0].url: expected an http or https URL with a host
          understudy.notifications[0].name=a ; understudy.notifications[0].url=http://a ; understudy.notifications[0].format=email | command line: understudy.notifications[0].format: expected cloudevents, slack, alertmanager or text, found "email"
          understudy.notifications[0].name=a ; understudy.notifications[0].url=http://a ; understudy.notifications[0].events=switched,moved | command line: understudy.notifications[0].events: expected switched, nobody-serves, serves-down, no-successor, two-primaries, failback-awaited, planned-switch, hook-failed, mass-failure, resource-exhausted, checks-late, state-lost, state-unwritten, out-of-touch, certificate-expires, file-applied, file-refused, operator, crashed, health or routine, found "switched,moved"
          understudy.notifications[0].name=a ; understudy.notifications[0].url=http://a ; understudy.notifications[0].events[0]=moved | command line: understudy.notifications[0].events[0]: expected switched, nobody-serves, serves-down, no-successor, two-primaries, failback-awaited, planned-switch, hook-failed, mass-failure, resource-exhausted, checks-late, state-lost, state-unwritten, out-of-touch, certificate-expires, file-applied, file-refused, operator, crashed, health or routine, found "moved"
          understudy.notifications[0].name=a ; understudy.notifications[0].url=http://a ; understudy.notifications[0].secret-file=missing | command line: understudy.notifications[0].secret-file: the file missing cannot be read: it does not exist
          understudy.notifications[0].name=a ; understudy.notifications[0].url=https://a ; understudy.notifications[0].bundle=nope | command line: understudy.notifications[0].bundle: expected an SSL bundle that can be used (spring.ssl.bundle.*.nope): SSL bundle name 'nope' cannot be found
          understudy.notifications[0].name=a ; understudy.notifications[0].url=http://a ; understudy.notifications[0].header.a=b | command line: understudy.notifications[0].header.a: unknown setting, did you mean "headers"?
          understudy.admin.url=ops.example | command line: understudy.admin.url: expected an http or https URL with a host, found "ops.example"
          server.port=8080 ; management.server.port=8080 | command line: management.server.port: expected another port than server.port, which is for clients, found 8080
          understudy.state-file=nowhere/state | command line: understudy.state-file: expected a file in a folder that exists, found "nowhere/state"
          understudy.trusted-proxies=10.0.0.0/8,10.0.0.0/99 | command line: understudy.trusted-proxies: expected an address or a network such as 10.0.0.0/8 or fd00::/8, found "10.0.0.0/99"
          """)
  void the_setting_is_named(String settings, String said, CapturedOutput output) {
    start(List.of(settings.split(" ; ")));
    assertThat(description(output)).isEqualTo(said.replace(" // ", "\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          server.port: 99999           | server.port: expected a port from 0 to 65535, found 99999
          understudy.drain.delay: -1s  | understudy.drain.delay: expected zero or more, found "-1s"
          understudy.drain.dely: 1s    | understudy.drain.dely: unknown setting, did you mean "delay"?
          understudy.access-log: on    | understudy.access-log: expected off, plain, json or haproxy, found "true"
          understudy.express: 5        | understudy.express: expected on or off, found 5
          """)
  void the_file_and_the_line_are_named(String line, String said, CapturedOutput output)
      throws IOException {
    Path file = Files.writeString(folder.resolve("application.yaml"), "# mine\n" + line + "\n");
    start(List.of("spring.config.additional-location=file:" + file, unset(line)));
    assertThat(description(output)).isEqualTo(file + ":2: " + said);
  }

  /** What {@link #start} would set over the file's. */
  private static String unset(String line) {
    return line.startsWith("server.port") ? "server.port=" : "spring.main.banner-mode=off";
  }

  @ParameterizedTest
  @CsvSource({"server.port", "management.server.port", "understudy.http.port"})
  void a_port_in_use_names_its_setting(String name, CapturedOutput output) throws IOException {
    try (ServerSocket taken = new ServerSocket(0)) {
      start(List.of(name + "=" + taken.getLocalPort(), "understudy.config=config/gateway.yaml"));
      assertThat(description(output))
          .isEqualTo(
              "%s: expected a free port, found %d, which is in use"
                  .formatted(name, taken.getLocalPort()));
    }
  }

  @ParameterizedTest
  @CsvSource({"auto", "off"})
  void cpu_affinity_is_accepted_with_a_warning(String value, CapturedOutput output) {
    start(List.of("understudy.cpu-affinity=" + value));
    assertThat(output).contains("understudy.cpu-affinity has no effect any more: remove it");
    assertThat(description(output)).doesNotContain("cpu-affinity");
  }

  private static void start(List<String> settings) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "--server.port=0",
                "--management.server.port=0",
                "--understudy.config=" + folder.resolve("gateway.yaml")));
    for (String setting : settings) {
      String name = setting.substring(0, setting.indexOf('=') + 1);
      all.removeIf(each -> each.startsWith("--" + name));
      if (!setting.endsWith("=")) {
        all.add("--" + setting);
      }
    }
    SpringApplication application = SpringProxy.application(Instrumentation.standard());
    application.setRegisterShutdownHook(false);
    assertThat(catchThrowable(() -> application.run(all.toArray(String[]::new)))).isNotNull();
  }

  private static String description(CapturedOutput captured) {
    String output = captured.getAll();
    int start = output.indexOf("Description:");
    int end = output.indexOf("Action:", Math.max(start, 0));
    assertThat(end).as(output).isPositive();
    assertThat(output).doesNotContain("\tat ");
    return output.substring(start + "Description:".length(), end).strip();
  }
}
