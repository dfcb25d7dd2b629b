package dev.understudy.proxy.filter;

import dev.understudy.network.IpAddress;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.proxy.compress.CompressedDownstream;
import dev.understudy.proxy.compress.Compression;
import dev.understudy.proxy.engine.Downstream;
import dev.understudy.proxy.engine.ErrorResponses;
import dev.understudy.proxy.engine.ExchangeFactory;
import dev.understudy.proxy.engine.LocalResponse;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.http.RetryAllowance;
import dev.understudy.proxy.http.TimeLimits;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.http.UpgradeOffer;
import dev.understudy.proxy.http.UpgradeProtocols;
import dev.understudy.proxy.http.WebSocketHandshake;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.TrafficListener;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A request while its route's filters run: what they ask of it, and what they do to it. There are
 * two forms, the frontend's request in the express lane and Spring's exchange in the Gateway lane;
 * {@link #run} is the same in both.
 */
public abstract class RouteRequest {
  /** What filters need of the proxy. */
  public interface Surroundings {
    TrustedProxies trusted();

    TrafficListener listener();

    ErrorResponses errors();

    ExchangeFactory engine();

    /** The number of usable servers of a pool; 0 if there is no such pool. */
    int usableServers(PoolId pool);
  }

  private final Surroundings proxy;
  private final ClientConnection client;
  private final EventLoop loop;
  private final boolean tls;
  private final @Nullable String host;
  private final String target;
  private final String path;
  private final boolean handshake;

  /** Null if no condition and no value of the request is asked for. */
  private @Nullable RequestFacts facts;

  private @Nullable ServerId preferred;
  private @Nullable UpgradeProtocols upgrades;
  private RetryAllowance retries = RetryAllowance.UNLIMITED;
  private TimeLimits timeLimits = TimeLimits.NONE;
  private @Nullable Compression compression;
  private boolean acceptsGzip;
  private Set<String> vouched = Set.of();

  /**
   * @param tls whether the client uses TLS, with this proxy or with a trusted one before it
   * @param host the client's {@code Host}, whatever steps give the server; null if it sent none
   * @param target the target in origin-form, byte for byte the client's
   * @param path the normalised path of the target
   * @param handshake whether the request is relayed as a WebSocket handshake
   */
  protected RouteRequest(
      Surroundings proxy,
      ClientConnection client,
      EventLoop loop,
      boolean tls,
      @Nullable String host,
      String target,
      String path,
      boolean handshake) {
    this.proxy = proxy;
    this.client = client;
    this.loop = loop;
    this.tls = tls;
    this.host = host;
    this.target = target;
    this.path = path;
    this.handshake = handshake;
  }

  /** The client's method. */
  public abstract HttpMethod method();

  /** The header fields as they came, or as filters have left them. */
  protected abstract HttpHeaders received();

  /** The values of a header field as the filters before have left it. */
  public abstract List<String> header(String name);

  /** Changes the header fields that go to the server. */
  public abstract void edit(Consumer<HeaderFields> change);

  /** The header fields; each change of them is seen at once. */
  protected abstract HeaderFields fields();

  /** The request's id, for a local response. */
  public abstract String id();

  /** The request's id for a value, which the server gets too. */
  public String requestId() {
    return id();
  }

  /** The pool that the request goes to now; null if that is not known yet. */
  public abstract @Nullable PoolId pool();

  /**
   * Makes a change with values of the request.
   *
   * @return false if the request is to be refused with 400
   */
  public boolean change(ChangeStep change) {
    return change.change(facts());
  }

  /** Sets {@code Strict-Transport-Security} on the response, whatever gives it, if over TLS. */
  public abstract void transportSecurity(String value);

  public final ClientConnection client() {
    return client;
  }

  public final EventLoop loop() {
    return loop;
  }

  public final boolean tls() {
    return tls;
  }

  public final @Nullable String host() {
    return host;
  }

  /** {@link #host}; empty if there is none. */
  public final String hostText() {
    return host == null ? "" : host;
  }

  public final String target() {
    return target;
  }

  public final String path() {
    return path;
  }

  public final boolean isHandshake() {
    return handshake;
  }

  /** Whether {@link #isHandshake} holds, and the handshake is complete. */
  public final boolean isCompleteHandshake() {
    return handshake && WebSocketHandshake.isComplete(received());
  }

  /** What filters need of the proxy. */
  public final Surroundings proxy() {
    return proxy;
  }

  /** The names of fields that guards have set for the server, in small letters; may be added to. */
  public final Set<String> vouched() {
    if (vouched.isEmpty()) {
      vouched = new HashSet<>();
    }
    return vouched;
  }

  /** What conditions and values see; null unless some step has asked for it. */
  public @Nullable RequestFacts knownFacts() {
    return facts;
  }

  /** What conditions and values see. */
  public RequestFacts facts() {
    RequestFacts known = facts;
    if (known == null) {
      known = new RequestFacts(this, fields());
      facts = known;
    }
    return known;
  }

  /** No step is to run any more; see {@link RequestFacts#done}. */
  public final void doneWithSteps() {
    if (facts != null) {
      facts.done();
    }
  }

  /** Has the facts from the first step on, or forgets them. */
  protected final void needFacts(boolean needed) {
    facts = needed ? facts() : null;
  }

  /** The pool that a step has named; null if none has. */
  public final @Nullable PoolId chosenPool() {
    return facts == null ? null : facts.chosenPool();
  }

  /** Prefers this server from now on. */
  public final void prefer(ServerId server) {
    preferred = server;
  }

  /** The server that a step prefers; null for none. */
  public final @Nullable ServerId preferredServer() {
    return preferred;
  }

  /** Lets the request ask its server for these protocols. */
  public final void allowUpgrade(UpgradeProtocols protocols) {
    upgrades = protocols;
  }

  /** What the request offers to its server to switch to by a step; null for nothing. */
  public final @Nullable UpgradeOffer upgrade(HttpVersion version) {
    return UpgradeOffer.of(version, received(), upgrades);
  }

  /** Bounds how often the request is sent again; only the last such step counts. */
  public final void limitRetries(RetryAllowance allowance) {
    retries = allowance;
  }

  /** Limits the request's time; only the last such step counts. */
  public final void limitTime(TimeLimits limits) {
    timeLimits = limits;
  }

  /** What limits the request's time. */
  public final TimeLimits timeLimits() {
    return timeLimits;
  }

  /** What bounds how often the request is sent again. */
  public final RetryAllowance retries() {
    return retries;
  }

  /** Compresses the response, if the client takes it. */
  public final void compress(Compression settings) {
    compression = settings;
    acceptsGzip = Compression.accepts(header("accept-encoding"));
  }

  /** Returns the client's side that compresses the response, if a step wants it. */
  public final Downstream compressing(Downstream to, ProxyRequest request) {
    return compression == null
        ? to
        : new CompressedDownstream(to, compression, acceptsGzip, request, proxy.listener());
  }

  /**
   * Creates the error response of the request's pool.
   *
   * @param retryAfter in seconds; 0 if it is not known
   */
  public final LocalResponse error(int status, long retryAfter) {
    return proxy.errors().of(status, pool(), method(), received(), id(), retryAfter);
  }

  /** Runs a step, which is to change the request and not its response, if its condition holds. */
  public final FilterResult run(Step step) {
    RequestFacts facts = step instanceof Step.Rule ? facts() : knownFacts();
    Step due = facts == null ? step : facts.due(step);
    if (due != null) {
      return due.apply(this);
    }
    step.bare().passOver(this);
    return FilterResult.PASS;
  }

  /** The client's address; null if it is not known. */
  public final @Nullable IpAddress clientAddress() {
    return proxy.trusted().clientAddress(client, () -> header("x-forwarded-for"));
  }

  /** The values of a field by which a step decides; see {@link RequestFacts#anyForm}. */
  public final List<String> anyForm(String name) {
    RequestFacts facts = knownFacts();
    return facts == null ? header(name) : facts.anyForm(name);
  }

  /** The values of a field that lets a request pass; see {@link RequestFacts#everyForm}. */
  public final List<String> everyForm(String name) {
    RequestFacts facts = knownFacts();
    return facts == null ? header(name) : facts.everyForm(name);
  }

  /** Ends the request with an error response. */
  public final FilterResult refuse(int status) {
    return refuse(status, 0);
  }

  /**
   * Ends the request with an error response.
   *
   * @param retryAfter in seconds; 0 if it is not known
   */
  public final FilterResult refuse(int status, long retryAfter) {
    return respond(error(status, retryAfter));
  }

  /** Ends a request of which filters cannot make one for a server. */
  public final FilterResult refuseBad() {
    return new FilterResult.Responded(error(400, 0), RequestEnd.BAD_REQUEST);
  }

  /** Ends the request with a local response. */
  public final FilterResult respond(LocalResponse response) {
    return new FilterResult.Responded(response, RequestEnd.LOCAL);
  }
}
