package dev.understudy.proxy.route;

import dev.understudy.condition.Escape;
import dev.understudy.condition.Facts;
import dev.understudy.condition.Template;
import dev.understudy.proxy.engine.LocalResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A step that ends every request which it meets. */
public sealed interface TerminalStep extends Step.Rule {

  /**
   * {@code Redirect}: a redirect to a location with values of the request (HAProxy {@code
   * http-request redirect}).
   *
   * @param status 301, 302, 303, 307 or 308
   */
  record Redirect(int status, Template location) implements TerminalStep {
    public Redirect {
      ResponseStatus.requireRedirect(status);
    }

    /**
     * The location for a request. Unless its written text names an origin, it is a path of this
     * host: {@code //evil.test/} would lead browsers to wherever the client chose. A location that
     * begins with a value is the client's as a whole, and so is the request's own target at another
     * origin.
     *
     * @return null if values lead it elsewhere than it is written; the request is then to be
     *     refused with 400
     */
    public @Nullable String location(Facts facts) {
      String location =
          location().beginsWithValue() || location().isOwnTargetElsewhere()
              ? location().render(facts, Escape.HEADER)
              : location().renderPath(facts, Escape.HEADER);
      if (location == null || location().namesOrigin() || location().isRelative()) {
        return location;
      }
      int path = 0;
      while (path < location.length() && "/\\ ".indexOf(location.charAt(path)) >= 0) {
        path++;
      }
      return path == 1 && location.charAt(0) == '/' ? location : "/" + location.substring(path);
    }

    @Override
    public FilterResult apply(RouteRequest request) {
      String location = location(request.facts());
      return location == null ? request.refuseBad() : new FilterResult.Redirected(status, location);
    }
  }

  /**
   * {@code Respond} with values of the request, a content type or header fields.
   *
   * @param status 200 to 599
   * @param contentType of the text
   * @param headers values by name
   */
  record Respond(int status, String contentType, Template text, Map<String, Template> headers)
      implements TerminalStep {
    /** The default type. */
    public static final String PLAIN = "text/plain;charset=utf-8";

    public Respond {
      ResponseStatus.require(status, 200);
      headers = new LinkedHashMap<>(headers);
    }

    @Override
    public FilterResult apply(RouteRequest request) {
      RequestFacts facts = request.facts();
      return request.respond(
          LocalResponse.text(
              status,
              contentType,
              text.render(facts, Escape.forType(contentType)),
              request.id(),
              fields(facts)));
    }

    private Map<String, String> fields(Facts facts) {
      if (headers.isEmpty()) {
        return Map.of();
      }
      Map<String, String> fields = new LinkedHashMap<>();
      headers.forEach((name, value) -> fields.put(name, value.render(facts, Escape.HEADER)));
      return fields;
    }
  }

  /** {@code Reject}: closes the connection, or resets the stream, without a response. */
  record Reject() implements TerminalStep {
    @Override
    public FilterResult apply(RouteRequest request) {
      return new FilterResult.Aborted();
    }
  }

  /**
   * {@code Tarpit}: keeps the request for some time, then refuses it (HAProxy {@code http-request
   * tarpit}).
   *
   * @param status 400 to 599
   * @param time more than nothing, at most {@link #LONGEST}
   */
  record Tarpit(int status, Duration time) implements TerminalStep {
    /** The longest time. */
    public static final Duration LONGEST = Duration.ofMinutes(5);

    public Tarpit {
      ResponseStatus.require(status, 400);
      if (time.isZero() || time.isNegative() || time.compareTo(LONGEST) > 0) {
        throw new IllegalArgumentException("time: expected more than 0 to 5m, found " + time);
      }
    }

    @Override
    public FilterResult apply(RouteRequest request) {
      return new FilterResult.Delayed(status, time);
    }
  }
}
