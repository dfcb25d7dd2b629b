package dev.understudy.fuzz;

import dev.understudy.fuzz.Http2Play.Response;
import dev.understudy.fuzz.Http2Script.Stream;
import dev.understudy.fuzz.StrictServer.Seen;
import dev.understudy.traffic.RequestOutcome;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** What must hold of one connection, whatever was in it. */
final class Http2Verdict {

  /** Those after which a client that did all right has the server's response, whole. */
  private static final Set<Act> RESPONDING =
      EnumSet.complementOf(EnumSet.of(Act.NONE, Act.ONCE, Act.SWITCH, Act.CUT, Act.CUT_CHUNKED));

  private final Http2Script script;
  private final Http2Play play;
  private final List<Seen> seen;
  private final List<RequestOutcome> outcomes;

  Http2Verdict(Http2Script script, Http2Play play, List<Seen> seen, List<RequestOutcome> outcomes) {
    this.script = script;
    this.play = play;
    this.seen = seen;
    this.outcomes = outcomes;
  }

  /** What is wrong; null: nothing. */
  String failure() {
    if (!script.mayEnd() && (play.ended || play.goAway() >= 0)) {
      return "connection ended by an error of a stream: " + flaws() + " error " + play.goAway();
    }
    for (Seen each : seen) {
      String wrong = upstream(each);
      if (wrong != null) {
        return wrong;
      }
    }
    for (Stream stream : script.streams()) {
      String wrong = response(stream, play.responses().get(stream.id()));
      if (wrong != null) {
        return wrong;
      }
    }
    // A fatal frame may be a request too.
    int most = script.streams().size() + (script.mayEnd() ? 1 : 0);
    return outcomes.size() > most ? "requests counted: " + outcomes.size() + " of " + most : null;
  }

  private List<Http2Flaw> flaws() {
    return script.streams().stream().map(Stream::flaw).filter(Objects::nonNull).toList();
  }

  private String upstream(Seen sent) {
    String id = sent.head.first("x-fuzz");
    Stream stream =
        script.streams().stream()
            .filter(each -> (script.seed() + "-" + each.id()).equals(id))
            .findFirst()
            .orElse(null);
    if (stream == null) {
      return "request that is on no stream: " + sent;
    }
    if (!sent.method().equals(stream.method()) || !sent.target().equals(stream.target())) {
      return "request other than the stream's: " + sent + " for " + stream;
    }
    Http2Flaw flaw = stream.flaw();
    if (flaw != null && flaw.isInHead()) {
      return "malformed request that was forwarded: " + flaw;
    }
    if (sent.content() != null && flaw != null && !flaw.mayComeWhole()) {
      return "body that looks whole to the server: " + flaw;
    }
    byte[] content = stream.content();
    if (flaw == Http2Flaw.TOO_MUCH) {
      content = Arrays.copyOf(content, content.length - 1);
    }
    if (sent.content() != null && !Arrays.equals(sent.content(), content)) {
      return "body other than the client's: " + sent + " for " + stream;
    }
    long sends = seen.stream().filter(each -> id.equals(each.head.first("x-fuzz"))).count();
    if (sends > Play.mostSends(stream.method())) {
      return "request sent more often than may be: " + sent;
    }
    return stream.target().matches("/[eg]/guard/ws\\?.*")
        ? "request past the WebSocket guard: " + sent
        : null;
  }

  private String response(Stream stream, Response response) {
    if (response == null) {
      return stream.isGood() && !script.mayEnd() ? "no response: " + stream : null;
    }
    String name = stream.method() + " " + stream.target();
    if (response.status == 500) {
      return "500 to " + stream;
    }
    if (response.echo != null && !response.echo.equals(name)) {
      return "response to another request: " + response.echo + " on " + stream;
    }
    if (response.status > 0 && response.status < 300 && response.echo == null) {
      return "response of nobody: " + response.status + " on " + stream;
    }
    if (response.ended && response.length >= 0 && !hasNoBody(stream, response)) {
      if (response.content.size() != response.length) {
        return "response that looks whole and is not: " + stream;
      }
    }
    if (response.ended && hasNoBody(stream, response) && response.content.size() > 0) {
      return "body where none may be: " + stream;
    }
    if (!stream.isGood() || script.mayEnd()) {
      return null;
    }
    String id = "r" + script.seed() + "-" + stream.id();
    if (response.status > 0 && !id.equals(response.requestId)) {
      return "response with another request id: " + response.requestId + " on " + stream;
    }
    Act act = Act.of(stream.target());
    if (!stream.target().matches("/[eg]/.*") || stream.target().contains("/guard/")) {
      return response.status >= 400 ? null : "not refused: " + stream;
    }
    if (RESPONDING.contains(act) && (response.echo == null || !response.ended)) {
      return "no whole response: " + response.status + " on " + stream;
    }
    boolean whole = RESPONDING.contains(act) && !hasNoBody(stream, response);
    if (whole && !StrictServer.isContent(act, name, response.content.toByteArray())) {
      return "body other than the server's: " + stream;
    }
    return null;
  }

  private static boolean hasNoBody(Stream stream, Response response) {
    return stream.method().equals("HEAD") || response.status == 204 || response.status == 304;
  }
}
