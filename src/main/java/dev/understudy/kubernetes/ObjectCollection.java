package dev.understudy.kubernetes;

import dev.understudy.kubernetes.KubernetesClient.Request;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * How a collection of the API is found.
 *
 * @param versions its paths, in the order in which they are tried
 * @param query selectors, encoded; empty for all objects
 * @param optional whether the API may have none of the versions
 */
public record ObjectCollection(
    List<String> versions, String query, boolean metadataOnly, boolean optional) {
  public ObjectCollection {
    versions = List.copyOf(versions);
  }

  /** A selector of a query: {@code labelSelector} or {@code fieldSelector}. */
  public static String selector(String kind, String selector) {
    return kind + "=" + URLEncoder.encode(selector, StandardCharsets.UTF_8);
  }

  /**
   * A call of it.
   *
   * @param version the index of the path
   * @param list whether it is a list, else a watch
   */
  Request request(int version, String parameters, boolean list) {
    String selectors = query.isEmpty() ? "" : query + "&";
    Request request = Request.get(versions.get(version) + "?" + selectors + parameters);
    return metadataOnly ? request.ofMetadata(list) : request;
  }
}
