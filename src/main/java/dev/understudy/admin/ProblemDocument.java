package dev.understudy.admin;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** A refused or failed request, as {@code application/problem+json} (RFC 9457). */
final class ProblemDocument extends RuntimeException {
  private static final long serialVersionUID = 1;

  private record Document(String type, String title, int status, String detail, String instance) {}

  private final HttpStatus status;
  private final transient HttpHeaders headers = new HttpHeaders();

  /**
   * @param detail the problem and the expected form, for a person
   */
  ProblemDocument(HttpStatus status, String detail) {
    super(detail, null, false, false);
    this.status = status;
  }

  /** A request to repeat later, as {@code Retry-After} says in seconds. */
  static ProblemDocument unavailable(String detail, int retryAfterSeconds) {
    return new ProblemDocument(HttpStatus.SERVICE_UNAVAILABLE, detail)
        .with(HttpHeaders.RETRY_AFTER, String.valueOf(retryAfterSeconds));
  }

  /** A parameter of the query with another value than is expected. */
  static ProblemDocument unexpected(String name, String expectation, String found) {
    return new ProblemDocument(
        HttpStatus.BAD_REQUEST,
        name + ": expected " + expectation + ", found '" + StateEndpoints.shortened(found) + "'.");
  }

  /** Adds a header to the response. */
  ProblemDocument with(String header, String value) {
    headers.add(header, value);
    return this;
  }

  Mono<ServerResponse> response(String path) {
    Document document =
        new Document(
            "about:blank",
            status.getReasonPhrase(),
            status.value(),
            String.valueOf(getMessage()),
            path);
    ServerResponse.BodyBuilder response =
        ServerResponse.status(status).headers(all -> all.addAll(headers));
    return Json.send(response, MediaType.APPLICATION_PROBLEM_JSON, document);
  }
}
