package dev.understudy.command.client;

import dev.understudy.status.JsonValue;
import dev.understudy.status.ReplicaView;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * The management API of one replica.
 *
 * <p>Uses {@code HttpURLConnection}, because {@code java.net.http} takes about three times as long
 * for a first request. A connection is made within 5 s, which takes the other side's kernel alone;
 * each read ends after a minute, as either side may be short of CPU, and one that takes long is
 * told.
 */
final class ManagementApi {
  /** All pools, as {@link ReplicaView} reads them. */
  static final String OVERVIEW = "/api/overview";

  /** The status of a change of which the replica does not know whether it was made. */
  private static final int NOT_KNOWN = 504;

  static final int CONNECT_MILLIS = 5_000;
  static final int READ_MILLIS = 60_000;

  /** The maximum size of a response; a document of 100,000 servers takes about 60 MB. */
  static final int MAX_BODY = 128 << 20;

  /** Fields of requests by their names, and what stands for them on the command line. */
  private static final Map<String, String> OPTIONS =
      Map.of(
          "limit", "--limit",
          "to", "SERVER",
          "until", "--until",
          "for", "--for",
          "allow", "--allow",
          "pause", "--pause",
          "at", "--at",
          "reason", "--reason");

  /**
   * Told of a response that takes long.
   *
   * @param after the time until then, in milliseconds
   * @param to gets a sentence
   */
  record Notice(int after, Consumer<String> to) {
    static final Notice NONE = new Notice(READ_MILLIS, sentence -> {});

    /** After 10 s. */
    static Notice to(Consumer<String> to) {
      return new Notice(10_000, to);
    }
  }

  private final URI base;
  private final @Nullable String token;
  private final @Nullable SSLSocketFactory trust;
  private final Notice notice;

  /**
   * @param base without a slash at its end
   * @param token is sent with each request; null if there is none
   * @param trust whom to trust over https; null for the system's trust
   */
  ManagementApi(URI base, @Nullable String token, @Nullable SSLSocketFactory trust, Notice notice) {
    this.base = base;
    this.token = token;
    this.trust = trust;
    this.notice = notice;
    // A write that got no response is not sent again.
    System.setProperty("sun.net.http.retryPost", "false");
  }

  URI base() {
    return base;
  }

  /**
   * Reads all pools.
   *
   * @throws ClientFailure if the replica cannot be reached or refuses
   */
  ReplicaView overview() {
    return ReplicaView.of(read(OVERVIEW, ReplicaView::isIn).document());
  }

  /** Encodes a name as one segment of a path, or as a value of a query. */
  static String encoded(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /**
   * Reads a JSON document.
   *
   * @param shape whether the document is the one that is meant
   * @throws ClientFailure unless the status is 200 and the document has that shape
   */
  ApiResponse read(String path, Predicate<JsonValue> shape) {
    return require(get(path), shape);
  }

  /** Reads a resource, whatever the status. */
  ApiResponse get(String path) {
    return exchange("GET", path, null);
  }

  /**
   * Sends a change.
   *
   * @param shape whether the document is the response to that change
   * @throws ClientFailure unless the status is 200 and the document has that shape; of status
   *     NOT_KNOWN if the change may have been made
   */
  ApiResponse write(String method, String path, byte[] body, Predicate<JsonValue> shape) {
    ApiResponse reply = exchange(method, path, body);
    String problem = reply.status() == NOT_KNOWN ? reply.problem() : null;
    if (problem != null) {
      throw ClientFailure.notKnown(problem + " (" + reply.status() + ")");
    }
    return require(reply, shape);
  }

  /**
   * Returns a response with status 200 and the document that is meant unchanged.
   *
   * @throws ClientFailure with the problem's detail if it has another status; that this is no
   *     Understudy if it responds otherwise
   */
  ApiResponse require(ApiResponse reply, Predicate<JsonValue> shape) {
    if (reply.ok()) {
      if (!shape.test(reply.document())) {
        throw foreign(reply.status());
      }
      return reply;
    }
    String problem = reply.problem();
    boolean unknownPath = reply.status() == 404 || reply.status() == 405;
    if (problem == null || (unknownPath && !isReplica())) {
      throw foreign(reply.status());
    }
    String hint = reply.status() == 401 && token == null ? "; see --token-file" : "";
    throw ClientFailure.failed(inOptions(problem) + " (" + reply.status() + hint + ")");
  }

  /**
   * Names a field as the command line does, at the beginning of a problem and where force helps.
   */
  private static String inOptions(String problem) {
    int colon = problem.indexOf(": ");
    String option = colon < 0 ? null : OPTIONS.get(problem.substring(0, colon));
    String named = option == null ? problem : option + problem.substring(colon);
    return named.replace("\"force\": true", "--force");
  }

  /** Whether a path that others may lack too leads to Understudy; other programs know problems. */
  private boolean isReplica() {
    ApiResponse pools = get("/api/pools");
    return pools.ok() ? ReplicaView.isIn(pools.document()) : pools.status() != 404;
  }

  /** A response that Understudy's management API does not give. */
  ClientFailure foreign(int status) {
    return ClientFailure.unreachable(
        base
            + " responded "
            + (status < 0 ? "without a status" : "with status " + status)
            + ", but not as Understudy's management API does, whose port is management.server.port"
            + " (9090)");
  }

  private ApiResponse exchange(String method, String path, byte @Nullable [] body) {
    Thread waiting = Thread.ofPlatform().daemon().start(this::tellOfDelay);
    boolean sent = false;
    try {
      HttpURLConnection connection = open(method, path, READ_MILLIS);
      if (body != null) {
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", "application/json");
        connection.connect();
        sent = true;
        try (OutputStream out = connection.getOutputStream()) {
          out.write(body);
        }
      }
      return reply(connection);
    } catch (IOException e) {
      throw sent && !UnreachableReason.isForeign(e) ? notKnown(e) : unreachable(e);
    } finally {
      waiting.interrupt();
    }
  }

  private void tellOfDelay() {
    try {
      Thread.sleep(notice.after());
      notice
          .to()
          .accept(
              "no response from %s for %d s; waiting for up to %d s"
                  .formatted(base, notice.after() / 1000, READ_MILLIS / 1000));
    } catch (InterruptedException e) {
      // The response has come.
    }
  }

  /**
   * Reads a whole response.
   *
   * @throws ClientFailure if it is too large
   */
  static ApiResponse reply(HttpURLConnection connection) throws IOException {
    int status = connection.getResponseCode();
    try (InputStream in =
        status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      byte[] body = in == null ? new byte[0] : in.readNBytes(MAX_BODY + 1);
      if (body.length > MAX_BODY) {
        throw ClientFailure.unreachable(
            connection.getURL() + " has more than " + MAX_BODY + " bytes");
      }
      return new ApiResponse(status, body);
    }
  }

  /**
   * Opens the stream of events.
   *
   * @param lastSeen the id of the last event that the reader has; null for new events only
   * @param silenceMillis the longest silence before the connection is given up
   * @throws IOException if the replica cannot be reached
   * @throws ClientFailure if it refuses
   */
  HttpURLConnection stream(String path, @Nullable String lastSeen, int silenceMillis)
      throws IOException {
    HttpURLConnection connection = open("GET", path, silenceMillis);
    connection.setRequestProperty("Accept", "text/event-stream");
    if (lastSeen != null) {
      connection.setRequestProperty("Last-Event-ID", lastSeen);
    }
    return connection;
  }

  private HttpURLConnection open(String method, String path, int readMillis) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(base + path).toURL().openConnection(Proxy.NO_PROXY);
    if (trust != null && connection instanceof HttpsURLConnection secure) {
      secure.setSSLSocketFactory(trust);
    }
    connection.setRequestMethod(method);
    connection.setConnectTimeout(CONNECT_MILLIS);
    connection.setReadTimeout(readMillis);
    // The token is for this replica alone.
    connection.setInstanceFollowRedirects(false);
    connection.setUseCaches(false);
    // Not JSON alone: metrics are plain text.
    connection.setRequestProperty("Accept", "application/json, */*;q=0.5");
    connection.setRequestProperty("User-Agent", "understudy");
    if (token != null) {
      connection.setRequestProperty("Authorization", "Bearer " + token);
    }
    return connection;
  }

  /** Describes an exchange that failed after a change was sent. */
  private ClientFailure notKnown(IOException failure) {
    return ClientFailure.notKnown(
        "It is not known whether the change was made: "
            + base
            + " gave no answer: "
            + UnreachableReason.ofLost(failure, READ_MILLIS)
            + ". Look at the pool with understudy status before you ask again.");
  }

  /** Describes a failed exchange. */
  ClientFailure unreachable(IOException failure) {
    return ClientFailure.unreachable(
        "cannot reach " + base + ": " + UnreachableReason.of(failure, base, READ_MILLIS));
  }
}
