package dev.understudy;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The static settings {@code understudy.*} that no single package owns.
 *
 * @param config the dynamic file
 * @param trustedProxies CIDRs of proxies in front of us whose {@code X-Forwarded-*} and {@code
 *     Forwarded} count; default none
 * @param stateFile where a standalone replica remembers its decisions; null: in memory only
 */
@ConfigurationProperties("understudy")
record StaticSettings(
    @DefaultValue("config/gateway.yaml") Path config,
    @DefaultValue List<String> trustedProxies,
    @Nullable Path stateFile) {}
