package dev.understudy.command.client;

import dev.understudy.command.client.ServerSentEventReader.StreamedEvent;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Follows the stream of events for as long as its reader wants more.
 *
 * <p>After a broken connection it connects again and names the last event that it has seen, by an
 * id that is unique over restarts and replicas. So the replica sends what is new, as far as its
 * history reaches back, and the follower drops nothing: neither times nor numbers tell what is old,
 * since a clock may go back, and another history gives its numbers anew.
 */
final class EventFollower {
  /** Three heartbeats of the stream, which come every 15 s. */
  static final int SILENCE_MILLIS = 45_000;

  private static final int RETRY_MILLIS = 2_000;
  private static final int UNAVAILABLE = 503;

  private final ManagementApi api;
  private final String path;
  private final Consumer<String> said;
  private final int silenceMillis;
  private int retryMillis = RETRY_MILLIS;
  private @Nullable String lastSeen;
  private boolean connected;
  private boolean reconnecting;

  /**
   * @param lastSeen the id after which to begin; null for new events only
   * @param said receives a sentence when the connection is lost, and when it is back
   * @param silenceMillis the longest silence before the connection is given up
   */
  EventFollower(
      ManagementApi api,
      String path,
      @Nullable String lastSeen,
      Consumer<String> said,
      int silenceMillis) {
    this.api = api;
    this.path = path;
    this.lastSeen = lastSeen;
    this.said = said;
    this.silenceMillis = silenceMillis;
  }

  /**
   * Follows the stream.
   *
   * @param more takes the JSON text of an event; false if it wants no more
   * @throws ClientFailure if the first attempt fails, or a later one is refused
   * @throws InterruptedException if the thread is interrupted between two attempts
   */
  void follow(Predicate<String> more) throws InterruptedException {
    while (true) {
      try {
        if (!connect(more)) {
          return;
        }
      } catch (IOException e) {
        if (!connected) {
          throw api.unreachable(e);
        }
        lost(UnreachableReason.of(e, api.base(), silenceMillis));
      }
      Thread.sleep(retryMillis);
    }
  }

  /**
   * Returns false if no more is wanted, and true if the stream has ended or was refused. A whole
   * end is no loss: the replica ends each stream after an hour.
   */
  private boolean connect(Predicate<String> more) throws IOException {
    HttpURLConnection connection = api.stream(path, lastSeen, silenceMillis);
    int status = connection.getResponseCode();
    if (status == 200 && !isStream(connection.getContentType())) {
      throw api.foreign(status);
    }
    if (status != 200) {
      refuse(ManagementApi.reply(connection));
      return true;
    }
    try (InputStream in = connection.getInputStream()) {
      if (reconnecting) {
        said.accept("connected again");
        reconnecting = false;
      }
      connected = true;
      return read(new ServerSentEventReader(in, retryMillis), more);
    } finally {
      connection.disconnect();
    }
  }

  private static boolean isStream(@Nullable String type) {
    return type != null && type.startsWith("text/event-stream");
  }

  private boolean read(ServerSentEventReader reader, Predicate<String> more) throws IOException {
    boolean wanted = true;
    try {
      StreamedEvent event = reader.next();
      while (event != null && wanted) {
        seen(event);
        wanted = more.test(event.data());
        event = wanted ? reader.next() : null;
      }
    } finally {
      retryMillis = reader.retryMillis();
    }
    return wanted;
  }

  /** Passes over a replica that is stopping or has too many streams, once one has been open. */
  private void refuse(ApiResponse reply) {
    if (!connected || reply.status() != UNAVAILABLE) {
      var unused = api.require(reply, document -> false);
    }
    lost("the replica is stopping, or has too many streams");
  }

  /**
   * Keeps the id, by which the replica knows what comes next; the name of another history shows
   * another run.
   */
  private void seen(StreamedEvent event) {
    if (event.id() == null) {
      return;
    }
    String history = history(lastSeen);
    if (history != null && !history.equals(history(event.id()))) {
      said.accept("the replica was restarted, or another replica responds");
    }
    lastSeen = event.id();
  }

  /** The part of an id that names the history; null if it has none. */
  private static @Nullable String history(@Nullable String id) {
    int dash = id == null ? -1 : id.indexOf('-');
    return id == null || dash < 0 ? null : id.substring(0, dash);
  }

  private void lost(String why) {
    if (!reconnecting) {
      said.accept("connection to " + api.base() + " lost: " + why + "; trying again");
      reconnecting = true;
    }
  }
}
