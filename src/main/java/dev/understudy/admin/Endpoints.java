package dev.understudy.admin;

import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * A part of the management port's API. All beans of this type add their paths to {@link
 * AdminRoutes}; those of the child context are listed in {@link ManagementPortConfiguration}.
 */
interface Endpoints {
  /** Adds this part's paths. */
  void addTo(Paths paths);

  /** Takes paths, patterns of which fit no path of another. */
  interface Paths {
    /** Adds a document: GET, and HEAD. */
    void read(String path, HandlerFunction<ServerResponse> handler);

    /** Adds a stream: GET. */
    void stream(String path, HandlerFunction<ServerResponse> handler);

    /**
     * Adds a request that wants a token of role operate: it changes something, or reads a secret.
     */
    void operate(HttpMethod method, String path, AccessRules.OperatorHandler handler);
  }
}
