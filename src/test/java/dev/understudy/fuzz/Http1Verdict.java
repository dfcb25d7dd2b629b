package dev.understudy.fuzz;

import dev.understudy.fuzz.Http1Play.Response;
import dev.understudy.fuzz.Script.End;
import dev.understudy.fuzz.StrictServer.Seen;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RequestOutcome;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** What must hold of one script, whatever was in it. */
final class Http1Verdict {
  private static final Pattern GOOD_ID = Pattern.compile("[A-Za-z0-9._-]{1,128}");

  /** Those after which a client that did all right has the server's response. */
  private static final Set<Act> RESPONDING =
      EnumSet.complementOf(EnumSet.of(Act.NONE, Act.ONCE, Act.SWITCH));

  private final Script script;
  private final Model model;
  private final Http1Play play;
  private final List<Seen> seen;
  private final List<RequestOutcome> outcomes;
  private final int[] sends;
  private final boolean tls;

  Http1Verdict(
      Script script, Http1Play play, List<Seen> seen, List<RequestOutcome> outcomes, boolean tls) {
    this.script = script;
    this.model = Model.of(script.bytes());
    this.play = play;
    this.seen = seen;
    this.outcomes = outcomes;
    this.sends = new int[model.requests().size()];
    this.tls = tls;
  }

  /** What is wrong; null: nothing. */
  String failure() {
    String wrong = upstream();
    wrong = wrong == null ? responses() : wrong;
    return wrong == null ? counted() : wrong;
  }

  // What the server read.

  private String upstream() {
    int at = 0;
    for (Seen each : seen) {
      at = next(at, each);
      if (at < 0) {
        return "request that no strict reader finds in the client's bytes: " + each;
      }
      String wrong = forwarded(model.requests().get(at), each);
      if (wrong != null) {
        return wrong;
      }
      sends[at]++;
    }
    return null;
  }

  /** The request that was sent, from that one on; negative: there is none. */
  private int next(int from, Seen sent) {
    int found = -1;
    for (int i = from; i < model.requests().size(); i++) {
      Model.Request request = model.requests().get(i);
      if (request.method().equals(sent.method()) && request.target().equals(sent.target())) {
        found = i;
        if (sends[i] < Play.mostSends(sent.method())) {
          return i;
        }
      }
    }
    return found;
  }

  private String forwarded(Model.Request request, Seen sent) {
    int at = model.requests().indexOf(request);
    if (sends[at] >= Play.mostSends(sent.method())) {
      return "request sent more often than may be: " + sent;
    }
    if (sent.content() != null && !request.isWhole()) {
      return "body that looks whole to the server but was " + request.body() + ": " + sent;
    }
    if (sent.content() != null && !Arrays.equals(sent.content(), request.content())) {
      return "body other than the client's: " + sent;
    }
    if (!tls && sent.target().matches("/[eg]/redirect/.*")) {
      return "request that was to be redirected: " + sent;
    }
    if (sent.target().matches("/[eg]/guard/ws\\?.*") && !request.isWholeHandshake()) {
      return "request past the WebSocket guard: " + sent;
    }
    boolean named = request.head().list("connection").contains("x-fuzz");
    if (!named && !sent.head.all("x-fuzz").equals(request.head().all("x-fuzz"))) {
      return "field lost or changed: " + sent + " " + sent.head.all("x-fuzz");
    }
    return null;
  }

  // What the client read.

  private String responses() {
    List<Response> all = play.responses();
    for (int i = 0; i < all.size(); i++) {
      Response response = all.get(i);
      boolean last = i == all.size() - 1;
      if (!last && (response.closes() || !response.whole())) {
        return "response after the last one: " + all.get(i + 1);
      }
      String wrong = i < model.requests().size() ? responds(i, response) : extra(i, response);
      if (wrong != null) {
        return wrong;
      }
    }
    return missing();
  }

  private String responds(int number, Response response) {
    Model.Request request = model.requests().get(number);
    String name = request.method() + " " + request.target();
    if (response.status() == 500) {
      return "500 to " + name;
    }
    if (response.echo() != null && !response.echo().equals(name)) {
      return "response to another request: " + response + " to " + name;
    }
    if (response.echo() == null && response.status() < 300) {
      return "response of nobody: " + response + " to " + name;
    }
    String id = request.head().first("x-request-id");
    boolean kept =
        id != null
            && GOOD_ID.matcher(id).matches()
            && request.head().all("x-request-id").size() == 1
            && !request.head().list("connection").contains("x-request-id");
    // Of what was too large not all was read.
    boolean cutShort = response.status() == 414 || response.status() == 431;
    if (kept && !cutShort && !id.equals(response.head().first("x-request-id"))) {
      return "response with another request id: " + response.head() + " to " + id;
    }
    Act act = Act.of(request.target());
    // Who closes with bytes unread resets the connection.
    boolean surplus =
        model.hasSurplus()
            || (response.closes()
                && (number < model.requests().size() - 1 || model.end() != Model.End.CLEAN));
    boolean sound = request.isWhole() && script.end() != End.RESET && !surplus;
    if (!response.whole() && !act.breaks() && sound) {
      return "response that breaks off: " + response + " to " + name;
    }
    if (response.whole() && act.breaks() && response.echo() != null && hasBody(request, response)) {
      return "response that looks whole and is not: " + response + " to " + name;
    }
    if (response.whole()
        && response.echo() != null
        && hasBody(request, response)
        && !StrictServer.isContent(act, name, response.content())) {
      return "body other than the server's: " + response + " to " + name;
    }
    boolean sure =
        request.target().matches("/[eg]/(plain|held)/.*")
            && RESPONDING.contains(act)
            && !isRefusedHandshake(request);
    return script.clean() && sure && response.echo() == null
        ? "request that was not forwarded: " + name + ": " + response
        : null;
  }

  private static boolean hasBody(Model.Request request, Response response) {
    return !request.method().equals("HEAD") && response.status() != 204 && response.status() != 304;
  }

  /** To what is no request to a strict reader. */
  private String extra(int number, Response response) {
    boolean refusal =
        number == model.requests().size()
            && (model.end() == Model.End.BROKEN || model.end() == Model.End.INCOMPLETE)
            && response.echo() == null
            && response.status() >= 400
            && response.status() != 500;
    return refusal ? null : "response that nobody asked for: " + response;
  }

  private String missing() {
    List<Response> all = play.responses();
    boolean lastSaid = !all.isEmpty() && (all.getLast().closes() || !all.getLast().whole());
    boolean listens = script.end() != End.RESET && !model.hasSurplus();
    if (all.size() < model.whole() && listens && !lastSaid && !play.tunnel()) {
      Model.Request request = model.requests().get(all.size());
      // What it broke off before its head could be sent on; or a tunnel that nobody can use.
      boolean idle =
          Act.of(request.target()).breaks()
              || (script.end() == End.HALF_CLOSE && request.isHandshake());
      return idle ? null : "no response to " + request.method() + " " + request.target();
    }
    return null;
  }

  // What the proxy counted.

  /** Outcomes show the target as it came, the model what it means (RFC 9112 §3.2.2). */
  private static String originForm(String target) {
    String form = target.replaceFirst("(?i)^https?://[^/?]*", "");
    return form.isEmpty() || form.startsWith("?") ? "/" + form : form;
  }

  private String counted() {
    int begun = model.requests().size() + (model.end() == Model.End.CLEAN ? 0 : 1);
    int responded = play.responses().size() + (play.tunnel() ? 1 : 0);
    if (outcomes.size() < responded || outcomes.size() > begun) {
      return "requests counted: "
          + outcomes.size()
          + " of "
          + begun
          + ", with "
          + responded
          + " responses";
    }
    for (int i = 0; i < sends.length; i++) {
      Model.Request request = model.requests().get(i);
      int attempts =
          outcomes.stream()
              .filter(
                  o ->
                      o.method().equals(request.method())
                          && originForm(o.target()).equals(request.target()))
              .mapToInt(RequestOutcome::attempts)
              .sum();
      if (attempts < sends[i]) {
        return "attempts counted: " + attempts + " of " + sends[i] + " to " + request.target();
      }
    }
    for (RequestOutcome each : outcomes) {
      if (each.end() == RequestEnd.COMPLETED
          && seen.stream().noneMatch(s -> s.target().equals(originForm(each.target())))) {
        return "request counted as responded to that the server has not read: " + each.target();
      }
    }
    return null;
  }

  /** Whether a WebSocket is asked for without the one key of a handshake (RFC 6455 §4.2.1). */
  private static boolean isRefusedHandshake(Model.Request request) {
    return request.head().list("upgrade").contains("websocket")
        && request.head().list("connection").contains("upgrade")
        && request.head().all("sec-websocket-key").size() != 1;
  }
}
