package dev.understudy.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The compose file agrees with the image, the settings and the program. */
class ComposeTest {
  private static final Path FOLDER = Path.of("deploy/compose");

  private final JsonNode file = Manifests.documents("compose/compose.yaml").get(0);
  private final JsonNode proxy = file.at("/services/understudy");
  private final Settings settings = Settings.ofTheExample();

  @Test
  void the_files_it_builds_and_mounts_exist() {
    assertThat(FOLDER.resolve(proxy.path("build").asString()).resolve("Dockerfile")).exists();
    assertThat(Manifests.texts(proxy.path("volumes")))
        .containsExactly("../../config:/app/config:ro", "state:/var/lib/understudy");
    assertThat(FOLDER.resolve("../../config/application.yaml")).exists();
    assertThat(file.path("volumes").has("state")).isTrue();
    assertThat(DockerfileTest.dockerfile())
        .contains("RUN install -d -o 10001 -g 10001 -m 750 /var/lib/understudy\n");
  }

  @Test
  void ports_are_those_of_the_settings_and_management_is_not_public() {
    int clients = settings.get("server.port", Integer.class);
    int management = settings.get("management.server.port", Integer.class);
    assertThat(Manifests.texts(proxy.path("ports")))
        .containsExactly(clients + ":" + clients, "127.0.0.1:" + management + ":" + management);
  }

  @Test
  void variables_are_those_that_the_gateway_file_reads_and_settings() throws IOException {
    String gateway = Files.readString(Path.of("config/gateway.yaml"));
    for (String name : proxy.path("environment").propertyNames()) {
      if (name.startsWith("UNDERSTUDY_")) {
        String setting = name.substring("UNDERSTUDY_".length()).toLowerCase().replace('_', '-');
        String last = setting.replaceFirst("^admin-", "");
        assertThat(Files.readString(Path.of("config/application.yaml"))).contains(" " + last + ":");
      } else {
        assertThat(gateway).contains("${" + name + ":");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"MASTER_URL, app-master", "BACKUP_URL, app-backup"})
  void servers_are_services(String variable, String service) {
    assertThat(proxy.at("/environment/" + variable).asString())
        .isEqualTo("http://" + service + ":8080");
    assertThat(Manifests.texts(file.at("/services/" + service + "/command")))
        .contains("--port=8080");
  }

  @Test
  void a_stop_has_the_time_that_it_may_take() {
    assertThat(Duration.parse("PT" + proxy.path("stop_grace_period").asString()))
        .isGreaterThan(settings.longestStop());
  }

  @Test
  void it_is_as_confined_as_the_deployments_pod() {
    assertThat(proxy.path("read_only").asBoolean()).isTrue();
    assertThat(Manifests.texts(proxy.path("cap_drop"))).containsExactly("ALL");
    assertThat(Manifests.texts(proxy.path("security_opt")))
        .containsExactly("no-new-privileges:true");
    assertThat(Manifests.texts(proxy.path("tmpfs"))).containsExactly("/tmp:exec");
  }

  /** The command itself, run against a server that gives one response. */
  @ParameterizedTest
  @CsvSource({"200 OK, 0", "503 Service Unavailable, 1"})
  void the_health_check_asks_for_readiness(String status, int exit) throws Exception {
    List<String> test = Manifests.texts(proxy.at("/healthcheck/test"));
    assertThat(test.subList(0, 3)).containsExactly("CMD", "bash", "-c");
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String command = test.get(3).replace("/9090", "/" + server.getLocalPort());
      Process check = new ProcessBuilder("bash", "-c", command).inheritIO().start();
      try (Socket client = server.accept()) {
        String request = client.getInputStream().readNBytes(20).length == 20 ? "read" : "";
        assertThat(request).isEqualTo("read");
        client
            .getOutputStream()
            .write(("HTTP/1.1 " + status + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        client.shutdownOutput();
        assertThat(check.waitFor()).isEqualTo(exit);
      }
    }
    assertThat(test.get(3))
        .contains("/dev/tcp/127.0.0.1/" + settings.get("management.server.port", Integer.class))
        .contains("GET /actuator/health/readiness HTTP/1.1");
  }
}
