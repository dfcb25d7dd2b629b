package com.example;

import dev.understudy.api.HealthCheck;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

/** A server is well while it lags by at most some seconds, which it tells at {@code /lag}. */
public class LagHealthCheck implements HealthCheck {
  private final HttpClient client = HttpClient.newHttpClient();

  @Override
  public Result check(Target target) throws Exception {
    int port = target.address().getPort();
    URI page = new URI("http", null, target.host(), port, "/lag", null, null);
    HttpRequest request = HttpRequest.newBuilder(page).timeout(target.timeout()).build();
    int lag = Integer.parseInt(client.send(request, BodyHandlers.ofString()).body().strip());
    int most = Integer.parseInt(target.arguments().get("most-seconds"));
    String found = "lag " + lag + " s";
    return lag <= most ? Result.good(found) : Result.bad(found);
  }
}
