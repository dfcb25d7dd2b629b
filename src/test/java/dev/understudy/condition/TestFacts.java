package dev.understudy.condition;

import dev.understudy.network.IpAddress;
import dev.understudy.pool.PoolId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Facts that a test sets. */
public final class TestFacts implements Facts {
  public String method = "GET";
  public String authority = "a.example.com:8080";
  public String target = "/a/b?q=1&r=%61";
  public String client = "192.0.2.7";
  public boolean tls;
  public @Nullable TlsSession session;
  public String listener = "main";
  public boolean webSocket;
  public int usable = 1;
  public int status;
  public final Map<String, List<String>> headers = new HashMap<>();
  public final Map<String, List<String>> responseHeaders = new HashMap<>();
  public final Map<String, String> variables = new HashMap<>();

  /** The headers that were asked for. */
  public final List<String> asked = new ArrayList<>();

  public TestFacts header(String name, String... values) {
    headers.put(name, List.of(values));
    return this;
  }

  @Override
  public String method() {
    return method;
  }

  @Override
  public String authority() {
    return authority;
  }

  @Override
  public String path() {
    int question = target.indexOf('?');
    return question < 0 ? target : target.substring(0, question);
  }

  @Override
  public String target() {
    return target;
  }

  @Override
  public List<String> headers(String name) {
    asked.add(name);
    return headers.getOrDefault(name, List.of());
  }

  @Override
  public @Nullable IpAddress clientAddress() {
    return IpAddress.parse(client);
  }

  @Override
  public int clientPort() {
    return 1234;
  }

  @Override
  public boolean isTls() {
    return tls;
  }

  @Override
  public @Nullable TlsSession session() {
    return session;
  }

  @Override
  public String listener() {
    return listener;
  }

  @Override
  public int listenerPort() {
    return 8443;
  }

  @Override
  public boolean isWebSocket() {
    return webSocket;
  }

  @Override
  public int usableServers(PoolId pool) {
    return pool.value().equals("p") ? usable : 0;
  }

  @Override
  public boolean hasClientSlash(String variable) {
    return false;
  }

  @Override
  public @Nullable String variable(String name) {
    return variables.get(name);
  }

  @Override
  public String requestId() {
    return "id-1";
  }

  @Override
  public String pool() {
    return "p";
  }

  @Override
  public int status() {
    return status;
  }

  @Override
  public List<String> responseHeaders(String name) {
    return responseHeaders.getOrDefault(name, List.of());
  }
}
