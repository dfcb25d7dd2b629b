package dev.understudy.admin;

import static dev.understudy.testing.Json.assertHas;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.AgreementStatus;
import dev.understudy.file.FileTenure;
import dev.understudy.notification.EventNotifier;
import dev.understudy.notification.Format;
import dev.understudy.notification.NotificationSource;
import dev.understudy.notification.ReceiverSettings;
import dev.understudy.testing.TestServer;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Receivers of notifications over a real port. */
class NotificationEndpointsTest {
  private static EventNotifier notifications(TestServer receiver) {
    return new EventNotifier(
        List.of(
            new ReceiverSettings(
                "chat",
                "http://127.0.0.1:" + receiver.port() + "/services/T0KEN",
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
  }

  @Test
  void a_test_says_what_came_of_it_and_the_list_has_it_without_secrets() {
    try (TestServer receiver = new TestServer("chat", call -> call.reply(403, "no_team"));
        EventNotifier notifications = notifications(receiver);
        AdminServer server =
            new AdminServer(notifications, "understudy.admin.token=" + AdminServer.TOKEN)) {
      String test = "/api/notifications/chat/test";
      assertHas(
          AdminServer.json(server.write("POST", test, "{}")),
          "{receiver: \"chat\", delivered: false, detail: \"status 403: no_team\"}");

      String list = server.get("/api/notifications").body();
      assertHas(
          AdminServer.JSON.readTree(list),
          """
          {receivers: [{name: "chat", format: "slack", waiting: 0, last: {outcome: "FAILED"}}]}
          """);
      assertThat(list).doesNotContain("T0KEN", "s3cret", "services");

      assertThat(server.write("POST", test.replace("chat", "none"), "{}").statusCode())
          .isEqualTo(404);
      assertThat(server.send(server.request(test).POST(BodyPublishers.noBody())).statusCode())
          .as("without a token")
          .isEqualTo(401);
    }
  }
}
