package dev.understudy.admin;

import dev.understudy.notification.EventNotifier;
import dev.understudy.notification.ReceiverStatus;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Shows the receivers of notifications, without their URLs and headers, and tests them. */
final class NotificationEndpoints implements Endpoints {

  private record Receivers(List<ReceiverStatus> receivers) {}

  /** The response to a test; {@code delivered} is false for all but a 2xx. */
  private record Tested(String receiver, boolean delivered, long tookMillis, String detail) {}

  private final @Nullable EventNotifier notifications;

  NotificationEndpoints(ObjectProvider<EventNotifier> notifications) {
    this.notifications = notifications.getIfAvailable();
  }

  @Override
  public void addTo(Paths paths) {
    paths.read(
        "/api/notifications",
        request ->
            Json.ok(new Receivers(notifications == null ? List.of() : notifications.status())));
    paths.operate(HttpMethod.POST, "/api/notifications/{name}/test", this::test);
  }

  private Mono<ServerResponse> test(ServerRequest request, String token) {
    String name = request.pathVariable("name");
    CompletionStage<ReceiverStatus.Delivery> test =
        notifications == null ? null : notifications.test(name, token);
    if (test == null) {
      throw new ProblemDocument(
          HttpStatus.NOT_FOUND,
          "There is no receiver of notifications named '" + StateEndpoints.shortened(name) + "'.");
    }
    return Mono.fromCompletionStage(test)
        .timeout(CommandEndpoints.TIMEOUT)
        .flatMap(done -> Json.ok(new Tested(name, done.ok(), done.tookMillis(), done.detail())));
  }
}
