package dev.understudy.gatewayapi.object;

import dev.understudy.gatewayapi.object.Gateway.Address;
import dev.understudy.gatewayapi.object.NamespaceScope.From;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
    Meta meta = meta(object);
    JsonNode spec = object.path("spec");
    return switch (kind) {
      case GATEWAY_CLASS ->
          new GatewayClass(
              meta, ObjectFields.text(spec, "controllerName", ""), spec.has("parametersRef"));
      case GATEWAY -> gateway(meta, spec);
      case LISTENER_SET ->
          new ListenerSet(
              meta,
              ObjectFields.reference(
                  spec.path("parentRef"),
                  ObjectKind.GATEWAY.group(),
                  ObjectKind.GATEWAY.kind(),
                  meta.namespace()),
              ListenerReader.listeners(spec.path("listeners"), meta.namespace()));
      case HTTP_ROUTE, GRPC_ROUTE, TLS_ROUTE, TCP_ROUTE -> new RouteReader(kind, meta).read(spec);
      case REFERENCE_GRANT -> grant(meta, spec);
      case BACKEND_TLS_POLICY -> backendTls(meta, spec);
      case FAILOVER_POLICY -> new FailoverPolicy(meta, targets(meta, spec), spec);
      case SERVICE -> service(meta, spec, object.path("status"));
      case SECRET -> new Secret(meta, decoded(object.path("data")));
      case CONFIG_MAP -> new ConfigMap(meta, ObjectFields.map(object.path("data")));
      case NAMESPACE -> new Namespace(meta);
      case INGRESS -> IngressReader.ingress(meta, object);
      case INGRESS_CLASS -> IngressReader.ofClass(meta, object);
    };
  }

  private static Meta meta(JsonNode object) {
    JsonNode meta = object.path("metadata");
    return new Meta(
        new ObjectKey(
            ObjectFields.text(meta, "namespace", ""), ObjectFields.required(meta, "name")),
        ObjectFields.text(meta, "uid", ""),
        ObjectFields.text(meta, "resourceVersion", ""),
        meta.path("generation").asLong(0),
        created(ObjectFields.text(meta, "creationTimestamp", "")),
        ObjectFields.map(meta.path("labels")),
        object.has("status") ? object.path("status") : JsonMapper.shared().createObjectNode());
  }

  private static Instant created(String text) {
    try {
      return text.isEmpty() ? Instant.EPOCH : Instant.parse(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("a creationTimestamp that is no time", e);
    }
  }

  private static Gateway gateway(Meta meta, JsonNode spec) {
    return new Gateway(
        meta,
        ObjectFields.text(spec, "gatewayClassName", ""),
        ListenerReader.listeners(spec.path("listeners"), meta.namespace()),
        ObjectFields.list(
            spec.path("addresses"),
            each ->
                new Address(
                    ObjectFields.text(each, "type", "IPAddress"),
                    ObjectFields.text(each, "value", ""))),
        ListenerReader.scope(spec.path("allowedListeners").path("namespaces"), From.NONE),
        spec.path("infrastructure").has("parametersRef"),
        spec.path("tls").has("frontend"),
        spec.path("tls").path("backend").has("clientCertificateRef"));
  }

  private static ReferenceGrant grant(Meta meta, JsonNode spec) {
    return new ReferenceGrant(
        meta,
        ObjectFields.list(
            spec.path("from"),
            each ->
                new ReferenceGrant.From(
                    ObjectFields.text(each, "group", ""),
                    ObjectFields.text(each, "kind", ""),
                    ObjectFields.text(each, "namespace", ""))),
        ObjectFields.list(
            spec.path("to"),
            each ->
                new ReferenceGrant.To(
                    ObjectFields.text(each, "group", ""),
                    ObjectFields.text(each, "kind", ""),
                    ObjectFields.optional(each, "name"))));
  }

  private static List<PolicyTarget> targets(Meta meta, JsonNode spec) {
    return ObjectFields.list(
        spec.path("targetRefs"),
        each ->
            new PolicyTarget(
                ObjectFields.localReference(each, "", meta.namespace()),
                ObjectFields.optional(each, "sectionName")));
  }

  private static BackendTlsPolicy backendTls(Meta meta, JsonNode spec) {
    JsonNode validation = spec.path("validation");
    return new BackendTlsPolicy(
        meta,
        targets(meta, spec),
        ObjectFields.text(validation, "hostname", ""),
        ObjectFields.list(
            validation.path("caCertificateRefs"),
            each ->
                ObjectFields.localReference(each, ObjectKind.CONFIG_MAP.kind(), meta.namespace())),
        ObjectFields.text(validation, "wellKnownCACertificates", "").equals("System"),
        ObjectFields.list(
            validation.path("subjectAltNames"),
            each -> ObjectFields.text(each, "hostname", ObjectFields.text(each, "uri", ""))));
  }

  private static Service service(Meta meta, JsonNode spec, JsonNode status) {
    List<Service.Port> ports =
        ObjectFields.list(spec.path("ports"), each -> each).stream()
            .filter(each -> ObjectFields.text(each, "protocol", TCP).equals(TCP))
            .map(
                each ->
                    new Service.Port(
                        ObjectFields.text(each, "name", ""),
                        Objects.requireNonNullElse(ObjectFields.number(each, "port"), 0),
                        ObjectFields.optional(each, "appProtocol")))
            .toList();
    List<String> balancers =
        ObjectFields.list(
            status.path("loadBalancer").path("ingress"),
            each -> ObjectFields.text(each, "ip", ObjectFields.text(each, "hostname", "")));
    String own = ObjectFields.text(spec, "clusterIP", NONE);
    return new Service(
        meta,
        ObjectFields.text(spec, "type", "").equals("ExternalName"),
        ports,
        !balancers.isEmpty() || own.equals(NONE) ? balancers : List.of(own));
  }

  private static Map<String, String> decoded(JsonNode data) {
    Map<String, String> texts = new LinkedHashMap<>();
    data.forEachEntry(
        (key, value) -> {
          byte[] bytes = Base64.getDecoder().decode(value.asString(""));
          texts.put(key, new String(bytes, StandardCharsets.UTF_8));
        });
    return texts;
  }
}
