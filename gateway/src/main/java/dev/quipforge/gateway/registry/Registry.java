package dev.quipforge.gateway.registry;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The models in PostgreSQL. */
public final class Registry {

    private final JdbcClient database;

    Registry(JdbcClient database) {
        this.database = database;
    }

    /** Adds a model; the same one again changes nothing. */
    public void add(RegisteredModel model) {
        database.sql("""
                        insert into models (prefix, kind, name, digest, parameters, bytes, job, created_at)
                        values (:prefix, :kind, :name, :digest, :parameters, :bytes, :job, :at)
                        on conflict (prefix) do nothing
                        """)
                .param("prefix", model.prefix())
                .param("kind", model.kind().name())
                .param("name", model.name())
                .param("digest", model.digest())
                .param("parameters", model.parameters())
                .param("bytes", model.bytes())
                .param("job", model.job())
                .param("at", model.createdAt().atOffset(ZoneOffset.UTC))
                .update();
    }

    /** All models, newest first. */
    List<RegisteredModel> list() {
        return database.sql("select * from models order by created_at desc, prefix")
                .query(Registry::model)
                .list();
    }

    private static RegisteredModel model(ResultSet row, int number) throws SQLException {
        return new RegisteredModel(
                row.getString("name"),
                RegisteredModel.Kind.valueOf(row.getString("kind")),
                row.getString("prefix"),
                row.getString("digest"),
                row.getLong("parameters"),
                row.getLong("bytes"),
                row.getObject("job", UUID.class),
                row.getObject("created_at", OffsetDateTime.class).toInstant());
    }
}
