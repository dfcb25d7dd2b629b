package dev.understudy.proxy.filter;

import dev.understudy.network.IpAddress;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.proxy.compress.Compression;
import dev.understudy.proxy.engine.ExchangeFactory;
import dev.understudy.proxy.engine.LocalResponse;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.http.UpgradeProtocols;
import dev.understudy.traffic.Limit;
import dev.understudy.traffic.RequestEnd;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A request while its route's filters run: what they ask of it, and what they do to it. There are
 * two forms, the frontend's request in the express lane and Spring's exchange in the Gateway lane;
 * {@link #run} is the same in both.
 */
public interface RouteRequest {
  ClientConnection client();

  TrustedProxies trusted();

  /** Whether the client uses TLS, with this proxy or with a trusted one before it. */
  boolean tls();

  String method();

  /** The client's {@code Host}, whatever steps give the server; null if it sent none. */
  @Nullable String host();

  /** {@link #host}; empty if there is none. */
  default String hostText() {
    String host = host();
    return host == null ? "" : host;
  }

  /** The target in origin-form, byte for byte the client's. */
  String target();

  /** The normalised path of the target. */
  String path();

  /** Whether the request is relayed as a WebSocket handshake. */
  boolean isHandshake();

  /** Whether {@link #isHandshake} holds, and the handshake is complete. */
  boolean isCompleteHandshake();

  /** The request's id, for a local response. */
  String id();

  /** The request's id for a value, which the server gets too. */
  String requestId();

  /** The pool that the request goes to now; null if that is not known yet. */
  @Nullable PoolId pool();

  /** The number of usable servers of a pool; 0 if there is no such pool. */
  int usableServers(PoolId pool);

  /** The values of a header field as the filters before have left it. */
  List<String> header(String name);

  /** Changes the header fields that go to the server. */
  void edit(Consumer<HeaderFields> change);

  /** The names of fields that guards have set for the server, in small letters; may be added to. */
  Set<String> vouched();

  /** What conditions and values see; null unless some step has asked for it. */
  @Nullable RequestFacts knownFacts();

  /** What conditions and values see. */
  RequestFacts facts();

  /**
   * Makes a change with values of the request.
   *
   * @return false if the request is to be refused with 400
   */
  boolean change(ChangeStep change);

  /** Prefers this server from now on. */
  void prefer(ServerId server);

  /** Lets the request ask its server for these protocols. */
  void allowUpgrade(UpgradeProtocols protocols);

  /**
   * Compresses the response.
   *
   * @param accepted whether the client takes it
   */
  void compress(Compression settings, boolean accepted);

  /** Sets {@code Strict-Transport-Security} on the response, whatever gives it, if over TLS. */
  void transportSecurity(String value);

  /** Reports that a limit has refused the request. */
  void limited(Limit limit);

  /**
   * Creates the error response of the request's pool.
   *
   * @param retryAfter in seconds; 0 if it is not known
   */
  LocalResponse error(int status, long retryAfter);

  ExchangeFactory engine();

  EventLoop loop();

  /** Runs a step, which is to change the request and not its response, if its condition holds. */
  default FilterResult run(Step step) {
    RequestFacts facts = step instanceof Step.Rule ? facts() : knownFacts();
    Step due = facts == null ? step : facts.due(step);
    if (due != null) {
      return due.apply(this);
    }
    step.passOver(this);
    return FilterResult.PASS;
  }

  /** The client's address; null if it is not known. */
  default @Nullable IpAddress clientAddress() {
    return trusted().clientAddress(client(), () -> header("x-forwarded-for"));
  }

  /** The values of a field by which a step decides; see {@link RequestFacts#anyForm}. */
  default List<String> anyForm(String name) {
    RequestFacts facts = knownFacts();
    return facts == null ? header(name) : facts.anyForm(name);
  }

  /** The values of a field that lets a request pass; see {@link RequestFacts#everyForm}. */
  default List<String> everyForm(String name) {
    RequestFacts facts = knownFacts();
    return facts == null ? header(name) : facts.everyForm(name);
  }

  /** Ends the request with an error response. */
  default FilterResult refuse(int status) {
    return refuse(status, 0);
  }

  /**
   * Ends the request with an error response.
   *
   * @param retryAfter in seconds; 0 if it is not known
   */
  default FilterResult refuse(int status, long retryAfter) {
    return respond(error(status, retryAfter));
  }

  /** Ends a request of which filters cannot make one for a server. */
  default FilterResult refuseBad() {
    return new FilterResult.Responded(error(400, 0), RequestEnd.BAD_REQUEST);
  }

  /** Ends the request with a local response. */
  default FilterResult respond(LocalResponse response) {
    return new FilterResult.Responded(response, RequestEnd.LOCAL);
  }
}
