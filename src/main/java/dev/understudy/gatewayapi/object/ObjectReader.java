package dev.understudy.gatewayapi.object;

import dev.understudy.gatewayapi.object.Gateway.Address;
import dev.understudy.gatewayapi.object.NamespaceScope.From;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads objects of the API. */
public final class ObjectReader {
  private static final String TCP = "TCP";
  private static final String NONE = "None";

  private ObjectReader() {}

  /**
   * Reads an object.
   *
   * @throws IllegalArgumentException if it lacks what the kind requires; the message says what
   */
  public static ClusterObject read(ObjectKind kind, JsonNode object) {
    ObjectFields fields = new ObjectFields(object);
    ObjectFields spec = fields.at("spec");
    Meta meta = meta(fields);
    return switch (kind) {
      case GATEWAY_CLASS ->
          new GatewayClass(meta, spec.text("controllerName"), spec.has("parametersRef"));
      case GATEWAY -> gateway(meta, spec);
      case LISTENER_SET ->
          new ListenerSet(
              meta,
              spec.at("parentRef").reference(ObjectKind.GATEWAY, meta.namespace()),
              ListenerReader.listeners(spec, meta.namespace()));
      case HTTP_ROUTE, GRPC_ROUTE, TLS_ROUTE, TCP_ROUTE -> new RouteReader(kind, meta).read(spec);
      case REFERENCE_GRANT -> grant(meta, spec);
      case BACKEND_TLS_POLICY -> backendTls(meta, spec);
      case FAILOVER_POLICY -> new FailoverPolicy(meta, targets(meta, spec), spec.node());
      case SERVICE -> service(meta, spec, fields.at("status"));
      case SECRET -> new Secret(meta, decoded(fields.map("data")));
      case CONFIG_MAP -> new ConfigMap(meta, fields.map("data"));
      case NAMESPACE -> new Namespace(meta);
      case INGRESS -> IngressReader.ingress(meta, fields);
      case INGRESS_CLASS -> IngressReader.ofClass(meta, fields);
    };
  }

  private static Meta meta(ObjectFields object) {
    ObjectFields meta = object.at("metadata");
    return new Meta(
        new ObjectKey(meta.text("namespace"), meta.required("name")),
        meta.text("uid"),
        meta.text("resourceVersion"),
        meta.node().path("generation").asLong(0),
        created(meta.text("creationTimestamp")),
        meta.map("labels"),
        object.has("status") ? object.at("status").node() : JsonMapper.shared().createObjectNode());
  }

  private static Instant created(String text) {
    try {
      return text.isEmpty() ? Instant.EPOCH : Instant.parse(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("a creationTimestamp that is no time", e);
    }
  }

  private static Gateway gateway(Meta meta, ObjectFields spec) {
    return new Gateway(
        meta,
        spec.text("gatewayClassName"),
        ListenerReader.listeners(spec, meta.namespace()),
        spec.list(
            "addresses", each -> new Address(each.text("type", "IPAddress"), each.text("value"))),
        ListenerReader.scope(spec.at("allowedListeners").at("namespaces"), From.NONE),
        spec.at("infrastructure").has("parametersRef"),
        spec.at("tls").has("frontend"),
        spec.at("tls").at("backend").has("clientCertificateRef"));
  }

  private static ReferenceGrant grant(Meta meta, ObjectFields spec) {
    return new ReferenceGrant(
        meta,
        spec.list(
            "from",
            each ->
                new ReferenceGrant.From(
                    each.text("group"), each.text("kind"), each.text("namespace"))),
        spec.list(
            "to",
            each ->
                new ReferenceGrant.To(
                    each.text("group"), each.text("kind"), each.optional("name"))));
  }

  private static List<PolicyTarget> targets(Meta meta, ObjectFields spec) {
    return spec.list(
        "targetRefs",
        each ->
            new PolicyTarget(
                each.localReference("", meta.namespace()), each.optional("sectionName")));
  }

  private static BackendTlsPolicy backendTls(Meta meta, ObjectFields spec) {
    ObjectFields validation = spec.at("validation");
    return new BackendTlsPolicy(
        meta,
        targets(meta, spec),
        validation.text("hostname"),
        validation.list(
            "caCertificateRefs",
            each -> each.localReference(ObjectKind.CONFIG_MAP.kind(), meta.namespace())),
        validation.text("wellKnownCACertificates").equals("System"),
        validation.list("subjectAltNames", each -> each.text("hostname", each.text("uri"))));
  }

  private static Service service(Meta meta, ObjectFields spec, ObjectFields status) {
    List<Service.Port> ports =
        spec.list("ports", each -> each).stream()
            .filter(each -> each.text("protocol", TCP).equals(TCP))
            .map(
                each ->
                    new Service.Port(
                        each.text("name"), each.number("port", 0), each.optional("appProtocol")))
            .toList();
    List<String> balancers =
        status.at("loadBalancer").list("ingress", each -> each.text("ip", each.text("hostname")));
    String own = spec.text("clusterIP", NONE);
    return new Service(
        meta,
        spec.text("type").equals("ExternalName"),
        ports,
        !balancers.isEmpty() || own.equals(NONE) ? balancers : List.of(own));
  }

  private static Map<String, String> decoded(Map<String, String> data) {
    data.replaceAll(
        (key, value) -> new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8));
    return data;
  }
}
