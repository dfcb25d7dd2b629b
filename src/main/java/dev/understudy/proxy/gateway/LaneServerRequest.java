package dev.understudy.proxy.gateway;

import dev.understudy.proxy.frontend.GatewayRequest;
import dev.understudy.proxy.http.ClientConnection;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.cookie.Cookie;
import io.netty.handler.codec.http.cookie.ServerCookieDecoder;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.function.Consumer;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpCookie;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.RequestPath;
import org.springframework.http.server.reactive.AbstractServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.SslInfo;
import org.springframework.http.support.Netty4HeadersAdapter;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import reactor.core.publisher.Flux;

/**
 * A request of the lane as Spring sees it, or one that filters have made of it. Its path, query and
 * cookies are parsed when they are asked for, and once for all requests that share them; so are its
 * fields copied.
 */
final class LaneServerRequest extends AbstractServerHttpRequest {
  private final GatewayLaneRequest lane;
  private final Flux<DataBuffer> body;

  /** The request that this was made of; null if it is as it came. */
  private final @Nullable LaneServerRequest original;

  private final @Nullable String contextPath;
  private final @Nullable SslInfo ssl;
  private final InetSocketAddress remote;
  private final InetSocketAddress local;

  /**
   * Makes the request as it came.
   *
   * @throws URISyntaxException if the target can be no part of a URI
   */
  static LaneServerRequest of(GatewayLaneRequest lane, Flux<DataBuffer> body)
      throws URISyntaxException {
    return new LaneServerRequest(lane, uri(lane.received), body);
  }

  /**
   * Returns the URI, whose authority is that of {@code Host} without the scheme's own port, or the
   * local address if there is none.
   *
   * @throws URISyntaxException if the target can be no part of a URI
   */
  private static URI uri(GatewayRequest request) throws URISyntaxException {
    boolean tls = request.client().tls();
    String scheme = tls ? "https" : "http";
    String host = request.message().headers().get(HttpHeaderNames.HOST);
    StringBuilder text = new StringBuilder(64).append(scheme).append("://");
    text.append(withoutPort(host(host, request.client().local()), tls ? ":443" : ":80"));
    String target = request.uri();
    if (!target.startsWith("/")) {
      text.append('/');
    }
    return new URI(text.append(target).toString());
  }

  private static String host(@Nullable String host, InetSocketAddress local) {
    return host == null || host.isEmpty() ? NetUtil.toSocketAddressString(local) : host;
  }

  private static String withoutPort(String authority, String port) {
    return authority.endsWith(port)
        ? authority.substring(0, authority.length() - port.length())
        : authority;
  }

  private LaneServerRequest(GatewayLaneRequest lane, URI uri, Flux<DataBuffer> body) {
    super(
        HttpMethod.valueOf(lane.method().name()),
        uri,
        null,
        new HttpHeaders(new Netty4HeadersAdapter(lane.headers())));
    this.lane = lane;
    this.body = body;
    this.original = null;
    this.contextPath = null;
    this.ssl = null;
    this.remote = lane.received.client().remote();
    this.local = lane.received.client().local();
  }

  private LaneServerRequest(Builder made, URI uri) {
    super(made.method, uri, made.contextPath, made.headers());
    this.lane = made.from.lane;
    this.body = made.from.body;
    this.original = made.from;
    this.contextPath = made.contextPath;
    this.ssl = made.ssl;
    this.remote = made.remote;
    this.local = made.local;
  }

  /** The request that this was made of if it has the same URI; else null. */
  private @Nullable LaneServerRequest alike() {
    return original != null && original.getURI().equals(getURI()) ? original : null;
  }

  @Override
  public RequestPath getPath() {
    LaneServerRequest same = alike();
    return same != null && Objects.equals(same.contextPath, contextPath)
        ? same.getPath()
        : super.getPath();
  }

  @Override
  protected MultiValueMap<String, String> initQueryParams() {
    LaneServerRequest same = alike();
    return same == null ? super.initQueryParams() : same.getQueryParams();
  }

  /** Those of the request as it came, as Spring's own mutated request has it. */
  @Override
  protected MultiValueMap<String, HttpCookie> initCookies() {
    if (original != null) {
      return original.getCookies();
    }
    MultiValueMap<String, HttpCookie> cookies = new LinkedMultiValueMap<>();
    for (String line : lane.headers().getAll(HttpHeaderNames.COOKIE)) {
      for (Cookie cookie : ServerCookieDecoder.STRICT.decodeAll(line)) {
        cookies.add(cookie.name(), new HttpCookie(cookie.name(), cookie.value()));
      }
    }
    return cookies;
  }

  @Override
  protected @Nullable SslInfo initSslInfo() {
    if (ssl != null) {
      return ssl;
    }
    return original == null ? Ssl.of(lane.received.client()) : original.getSslInfo();
  }

  @Override
  public InetSocketAddress getLocalAddress() {
    return local;
  }

  @Override
  public InetSocketAddress getRemoteAddress() {
    return remote;
  }

  @Override
  public Flux<DataBuffer> getBody() {
    return body;
  }

  /** Ours: there is no request of another library's. */
  @Override
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as Spring declares it
  public <T> T getNativeRequest() {
    return (T) lane;
  }

  @Override
  protected @Nullable String initId() {
    return original == null ? null : original.getId();
  }

  @Override
  public ServerHttpRequest.Builder mutate() {
    return new Builder(this);
  }

  /** The TLS session of a client's connection as Spring sees it. */
  private record Ssl(SSLSession session) implements SslInfo {
    /** Returns null without TLS. */
    static @Nullable SslInfo of(ClientConnection client) {
      SSLSession session = client.tlsSession();
      return session == null ? null : new Ssl(session);
    }

    @Override
    public @Nullable String getSessionId() {
      byte[] id = session.getId();
      return id == null ? null : HexFormat.of().formatHex(id);
    }

    /** Null if the client has shown none. */
    @Override
    public X509Certificate @Nullable [] getPeerCertificates() {
      Certificate[] shown;
      try {
        shown = session.getPeerCertificates();
      } catch (SSLPeerUnverifiedException e) {
        return null;
      }
      return Arrays.stream(shown)
          .filter(X509Certificate.class::isInstance)
          .map(X509Certificate.class::cast)
          .toArray(X509Certificate[]::new);
    }
  }

  /** Makes another request of one; copies its fields at the first change of them. */
  private static final class Builder implements ServerHttpRequest.Builder {
    private final LaneServerRequest from;
    private HttpMethod method;
    private URI uri;
    private @Nullable String path;
    private @Nullable String contextPath;
    private @Nullable HttpHeaders changed;
    private @Nullable SslInfo ssl;
    private InetSocketAddress remote;
    private InetSocketAddress local;

    Builder(LaneServerRequest from) {
      this.from = from;
      this.method = from.getMethod();
      this.uri = from.getURI();
      this.contextPath = from.contextPath;
      this.ssl = from.ssl;
      this.remote = from.remote;
      this.local = from.local;
    }

    private HttpHeaders headers() {
      return changed == null ? from.getHeaders() : changed;
    }

    private HttpHeaders copied() {
      HttpHeaders copy = changed;
      if (copy == null) {
        copy = new HttpHeaders();
        copy.addAll(from.getHeaders());
        changed = copy;
      }
      return copy;
    }

    @Override
    public ServerHttpRequest.Builder method(HttpMethod next) {
      method = next;
      return this;
    }

    @Override
    public ServerHttpRequest.Builder uri(URI next) {
      uri = next;
      return this;
    }

    @Override
    public ServerHttpRequest.Builder path(String next) {
      if (!next.startsWith("/")) {
        throw new IllegalArgumentException("The path does not have a leading slash: " + next);
      }
      path = next;
      return this;
    }

    @Override
    public ServerHttpRequest.Builder contextPath(@Nullable String next) {
      contextPath = next;
      return this;
    }

    @Override
    public ServerHttpRequest.Builder header(String name, String... values) {
      copied().put(name, Arrays.asList(values));
      return this;
    }

    @Override
    public ServerHttpRequest.Builder headers(Consumer<HttpHeaders> change) {
      change.accept(copied());
      return this;
    }

    @Override
    public ServerHttpRequest.Builder sslInfo(SslInfo next) {
      ssl = next;
      return this;
    }

    @Override
    public ServerHttpRequest.Builder remoteAddress(InetSocketAddress next) {
      remote = next;
      return this;
    }

    @Override
    public ServerHttpRequest.Builder localAddress(InetSocketAddress next) {
      local = next;
      return this;
    }

    @Override
    public ServerHttpRequest build() {
      return new LaneServerRequest(this, path == null ? uri : withPath(path));
    }

    private URI withPath(String next) {
      StringBuilder text = new StringBuilder();
      if (uri.getScheme() != null) {
        text.append(uri.getScheme()).append(':');
      }
      if (uri.getRawAuthority() != null) {
        text.append("//").append(uri.getRawAuthority());
      }
      text.append(next);
      if (uri.getRawQuery() != null) {
        text.append('?').append(uri.getRawQuery());
      }
      return URI.create(text.toString());
    }
  }
}
