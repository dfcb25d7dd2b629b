package dev.understudy.proxy.engine;

import dev.understudy.pool.ErrorPages;
import dev.understudy.pool.PoolId;
import dev.understudy.proxy.errorpage.ErrorPageTable;
import dev.understudy.proxy.errorpage.PageTemplate;
import dev.understudy.proxy.errorpage.PageValues;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.snapshot.PoolState;
import dev.understudy.traffic.RequestEnd;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Creates error responses from the error pages in force: HTML for clients that accept {@code
 * text/html}, {@code application/problem+json} (RFC 9457) for all others. One instance in each
 * process; thread-safe.
 *
 * <p>A browser that gets 502, 503 or 504 to a GET or HEAD gets a {@code Refresh} that loads the
 * page again: after the time of {@code Retry-After}, at most a minute, and a random part of at
 * least 8 s, so that browsers that failed together do not come back together.
 */
public final class ErrorResponses {
  /** Seconds after which a request is worth another try, where nothing better is known. */
  private static final long USUAL_RETRY = 5;

  /** The least width, in seconds, of the interval over which browsers come back. */
  private static final long LEAST_SPREAD = 8;

  /** The longest time, in seconds, after which browsers look again. */
  private static final long LONGEST_REFRESH = 60;

  private volatile ErrorPageTable pages = ErrorPageTable.DEFAULT;

  /** Puts other pages into force. */
  public void use(ErrorPageTable next) {
    pages = next;
  }

  /**
   * Returns the response to a request that no server answered.
   *
   * @param end why
   * @param state of the request's pool; null if it does not exist
   * @param now by the wall clock
   */
  LocalResponse of(
      int status,
      RequestEnd end,
      ProxyRequest request,
      String requestId,
      @Nullable PoolState state,
      Instant now) {
    boolean excluded = end == RequestEnd.MAINTENANCE;
    return of(
        excluded ? ErrorPages.MAINTENANCE : status,
        request.pool(),
        request.method(),
        request.headers(),
        requestId,
        RetryAfter.seconds(state, excluded, now));
  }

  /**
   * Returns an error response.
   *
   * @param pool the pool of the request's route; null if none is known
   * @param request the client's header fields; {@code Accept} decides between HTML and JSON
   * @param key the status, or {@link ErrorPages#MAINTENANCE}
   * @param retryAfter in seconds; 0 if it is not known. A field of a 429 or 503 only
   */
  public LocalResponse of(
      int key,
      @Nullable PoolId pool,
      HttpMethod method,
      HttpHeaders request,
      String requestId,
      long retryAfter) {
    ErrorPageTable table = pages;
    int status = key == ErrorPages.MAINTENANCE ? 503 : key;
    HttpResponseStatus known = LocalResponse.status(status);
    long retry = retryAfter > 0 ? retryAfter : USUAL_RETRY;
    long soon = Math.min(retry, LONGEST_REFRESH);
    long refresh = soon + Engine.random(Math.max(LEAST_SPREAD, soon) + 1);
    PageValues values = new PageValues(status, known.reasonPhrase(), requestId, retry, refresh);
    long retryField = status == 503 || status == 429 ? retryAfter : 0;
    if (!wantsPage(request)) {
      byte[] body = table.json(pool, key).fill(values);
      return new LocalResponse(
          known, LocalResponse.PROBLEM, body, requestId, retryField, 0, Map.of());
    }
    boolean safe = HttpMethod.GET.equals(method) || HttpMethod.HEAD.equals(method);
    boolean refreshes = status >= 502 && status <= 504 && safe;
    PageTemplate page = table.html(pool, key, refreshes);
    return new LocalResponse(
        known,
        LocalResponse.PAGE,
        page.fill(values),
        requestId,
        retryField,
        refreshes && !page.hasOwnRefresh() ? refresh : 0,
        Map.of());
  }

  private static boolean wantsPage(HttpHeaders request) {
    if (!request.contains(HttpHeaderNames.ACCEPT)) {
      return false;
    }
    for (String accept : request.getAll(HttpHeaderNames.ACCEPT)) {
      if (AsciiString.containsIgnoreCase(accept, "text/html")) {
        return true;
      }
    }
    return false;
  }
}
