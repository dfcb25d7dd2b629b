package dev.understudy.admin;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import dev.understudy.agreement.AgreementStatus;
import dev.understudy.file.FileTenure;
import dev.understudy.notification.EventNotifier;
import dev.understudy.notification.Format;
import dev.understudy.notification.NotificationSource;
import dev.understudy.notification.ReceiverSettings;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** Receivers of notifications over a real port. */
class NotificationEndpointsTest {
  @RegisterExtension
  static final WireMockExtension RECEIVER =
      WireMockExtension.newInstance().options(options().dynamicPort()).build();

  private static EventNotifier notifications;
  private static AdminServer server;

  @BeforeAll
  static void start() {
    notifications =
        new EventNotifier(
            List.of(
                new ReceiverSettings(
                    "chat",
                    RECEIVER.url("/services/T0KEN"),
                    Format.SLACK,
                    List.of(),
                    Map.of("X-Key", "s3cret"),
                    null,
                    null)),
            new NotificationSource("understudy", "r1", false, "1", null),
            () -> AgreementStatus.alone(Instant.EPOCH),
            Duration.ZERO,
            null,
            tls -> {
              throw new IllegalStateException("no https here");
            },
            InstantSource.system(),
            FileTenure.ours());
    server = new AdminServer(notifications, "understudy.admin.token=" + AdminServer.TOKEN);
  }

  @AfterAll
  static void stop() {
    server.close();
    notifications.close();
  }

  @Test
  void a_test_says_what_came_of_it_and_the_list_has_it_without_secrets() {
    RECEIVER.stubFor(
        post("/services/T0KEN").willReturn(aResponse().withStatus(403).withBody("no_team")));

    JsonNode tested = AdminServer.json(server.write("POST", "/api/notifications/chat/test", "{}"));

    assertThat(tested.path("receiver").asString()).isEqualTo("chat");
    assertThat(tested.path("delivered").asBoolean()).isFalse();
    assertThat(tested.path("detail").asString()).isEqualTo("status 403: no_team");

    HttpResponse<String> list = server.send(server.request("/api/notifications"));
    JsonNode receiver = AdminServer.json(list).at("/receivers/0");
    assertThat(receiver.path("name").asString()).isEqualTo("chat");
    assertThat(receiver.path("format").asString()).isEqualTo("slack");
    assertThat(receiver.path("waiting").asInt()).isZero();
    assertThat(receiver.at("/last/outcome").asString()).isEqualTo("FAILED");
    assertThat(list.body()).doesNotContain("T0KEN", "s3cret", "services");
  }

  @Test
  void an_unknown_receiver_is_404_and_a_test_wants_a_token() {
    assertThat(server.write("POST", "/api/notifications/none/test", "{}").statusCode())
        .isEqualTo(404);
    assertThat(
            server
                .send(
                    server
                        .request("/api/notifications/chat/test")
                        .POST(java.net.http.HttpRequest.BodyPublishers.noBody()))
                .statusCode())
        .isEqualTo(401);
  }
}
