package dev.understudy.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.monitor.Endpoint;
import dev.understudy.testing.Rows;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** Slices as an API server sends them, and what they come to. */
class ServiceViewTest {
  private static final String HTTP = "{\"name\":\"http\",\"port\":8080,\"protocol\":\"TCP\"}";
  private static final String METRICS = "{\"name\":\"metrics\",\"port\":9090,\"protocol\":\"TCP\"}";
  private static final String DNS = "{\"name\":\"dns\",\"port\":53,\"protocol\":\"UDP\"}";

  private static Slice slice(String ports, String... endpoints) {
    return Slice.read(
        JsonMapper.shared()
            .readTree(
                "{\"ports\":[%s],\"endpoints\":[%s]}"
                    .formatted(ports, String.join(",", endpoints))));
  }

  private static String endpoint(String address, String conditions) {
    return "{\"addresses\":[\"%s\"],\"conditions\":{%s},\"targetRef\":{\"kind\":\"Pod\",\"name\":\"p-%s\",\"uid\":\"u\"}}"
        .formatted(address, conditions, address);
  }

  private static String text(Endpoint each) {
    return each.address().getHostAddress() + " " + each.port() + " " + each.state();
  }

  @ParameterizedTest
  @CsvSource({
    "'', READY",
    "'\"ready\":true', READY",
    "'\"ready\":null', READY",
    "'\"ready\":false', UNREADY",
    "'\"ready\":true,\"serving\":true,\"terminating\":false', READY",
    "'\"ready\":false,\"serving\":true,\"terminating\":true', TERMINATING",
    "'\"ready\":false,\"serving\":false,\"terminating\":true', UNREADY",
    "'\"ready\":false,\"terminating\":true', UNREADY",
    "'\"ready\":true,\"terminating\":true', TERMINATING",
    "'\"ready\":false,\"serving\":true,\"terminating\":false', UNREADY",
  })
  void conditions_come_to_a_state(String conditions, Endpoint.State state) {
    assertThat(Slice.state(JsonMapper.shared().readTree("{" + conditions + "}"))).isEqualTo(state);
  }

  @ParameterizedTest
  @CsvSource({
    "http, 8080",
    "metrics, 9090",
    "dns, 0",
    "other, 0",
    "'', 0",
    "8008, 8008",
  })
  void a_port_is_found_by_name_or_taken_as_its_number(String wanted, int port) {
    assertThat(slice(HTTP + "," + METRICS + "," + DNS).port(wanted)).isEqualTo(port);
  }

  @Test
  void the_only_tcp_port_needs_no_name() {
    assertThat(slice(HTTP + "," + DNS).port("")).isEqualTo(8080);
    assertThat(slice("{\"port\":80}").port("")).isEqualTo(80);
    assertThat(slice("{\"name\":\"all\"}").port("all")).isZero();
  }

  /**
   * The port in question, after that which it had; each slice's ports and addresses, of which those
   * with {@code !} are not ready; the endpoints, or that the port is not known.
   */
  @Rows(
      """
      # slices of one service are merged, each with its own port
      http | http=8080 10.0.0.2 10.0.0.1; http=8081 10.0.0.3 | 10.0.0.1 8080 READY, 10.0.0.2 8080 READY, 10.0.0.3 8081 READY
      # an address in two slices counts once, in its best state
      http | http=8080 10.0.0.1!; http=8080 10.0.0.1 | 10.0.0.1 8080 READY
      # the order of slices does not matter
      http | http=8080 10.0.0.1; http=8080 10.0.0.1! | 10.0.0.1 8080 READY
      # addresses of IPv6 count
      http | http=8080 2001:db8::1 | 2001:db8:0:0:0:0:0:1 8080 READY
      # addresses of IPv6 do not count beside any of IPv4
      http | http=8080 2001:db8::1; http=8080 10.0.0.1! | 10.0.0.1 8080 UNREADY
      # names and malformed addresses are left out
      http | http=8080 app.example 10.0.0.300 |
      # an endpoint without addresses is left out
      `` | http=8080 - |
      # a service whose port is missing or ambiguous says so
      `` | http=8080,metrics=9090 10.0.0.1 | unknown
      http | http=8080,metrics=9090 10.0.0.1 | 10.0.0.1 8080 READY
      http | |
      # a service whose port became ambiguous keeps its endpoints at the one before
      8000 `` | http=8080,metrics=9090 10.0.0.1 | 10.0.0.1 8000 READY unknown
      # a slice without the port that another has is left out
      8000 http | http=8080 10.0.0.1; metrics=9090 10.0.0.2 | 10.0.0.1 8080 READY
      """)
  void slices_are_merged(String port, @Nullable String slices, @Nullable String expected) {
    int before = port.startsWith("8000") ? 8000 : 0;
    String wanted = port.replaceFirst("8000 (``)?", "");
    List<Slice> all =
        slices == null ? List.of() : Stream.of(slices.split("; ")).map(this::ofText).toList();
    ServiceView view = ServiceView.of(all, wanted, before, Map.of());
    String endpoints =
        view.endpoints().stream().map(ServiceViewTest::text).collect(Collectors.joining(", "));
    assertThat((endpoints + (view.portless() ? " unknown" : "")).strip())
        .isEqualTo(expected == null ? "" : expected);
  }

  private Slice ofText(String text) {
    String[] words = text.split(" ");
    String ports =
        Stream.of(words[0].split(","))
            .map(each -> "{\"name\":\"" + each.replace("=", "\",\"port\":") + "}")
            .collect(Collectors.joining(","));
    return slice(
        ports,
        Stream.of(words)
            .skip(1)
            .map(
                each ->
                    each.equals("-")
                        ? "{}"
                        : endpoint(
                            each.replace("!", ""), each.endsWith("!") ? "\"ready\":false" : ""))
            .toArray(String[]::new));
  }

  @ParameterizedTest
  @CsvSource({
    "'\"zone\":\"west-1a\"', west-1a",
    // v1beta1
    "'\"topology\":{\"topology.kubernetes.io/zone\":\"west-1a\"}', west-1a",
    "'\"zone\":\"\"',",
    "'\"zone\":\"a\\nb\"',",
  })
  void an_endpoint_has_the_zone_of_its_node(String field, String zone) {
    Slice slice = slice(HTTP, "{\"addresses\":[\"10.0.0.1\"],%s}".formatted(field));
    assertThat(ServiceView.of(List.of(slice), "", 0, Map.of()).endpoints())
        .extracting(Endpoint::zone)
        .containsExactly(zone);
  }

  @Test
  void an_endpoint_has_the_name_of_its_pod() {
    Slice slice = slice(HTTP, endpoint("10.0.0.1", ""), "{\"addresses\":[\"10.0.0.2\"]}");
    assertThat(ServiceView.of(List.of(slice), "", 0, Map.of()).endpoints())
        .extracting(Endpoint::pod)
        .containsExactly("p-10.0.0.1", null);
  }

  @Test
  void no_more_endpoints_are_kept_than_the_bound() {
    Slice[] slices = new Slice[7];
    for (int i = 0; i < slices.length; i++) {
      int third = i;
      String[] endpoints =
          Stream.iterate(0, j -> j + 1)
              .limit(1_200)
              .map(j -> endpoint("10." + third + "." + j / 250 + "." + j % 250, ""))
              .toArray(String[]::new);
      slices[i] = slice(HTTP, endpoints);
    }
    assertThat(slices[0].members()).hasSize(1_000);
    assertThat(ServiceView.of(List.of(slices), "", 0, Map.of()).endpoints())
        .hasSize(ServiceView.MAX_ENDPOINTS);
  }

  @Test
  void a_label_is_that_of_the_very_pod() {
    Slice slice = slice(HTTP, endpoint("10.0.0.1", ""));
    assertThat(label(slice, new PodRole("u", "primary"))).isEqualTo("primary");
    assertThat(label(slice, new PodRole("earlier", "primary"))).isNull();
  }

  private static String label(Slice slice, PodRole role) {
    return ServiceView.of(List.of(slice), "", 0, Map.of("p-10.0.0.1", role))
        .endpoints()
        .getFirst()
        .label();
  }
}
