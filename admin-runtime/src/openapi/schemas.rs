//! The schemas of JSON bodies and replies, each named type once.

#[cfg(feature = "schemars")]
pub(super) use self::generated::Schemas;
#[cfg(not(feature = "schemars"))]
pub(super) use self::unknown::Schemas;

#[cfg(feature = "schemars")]
mod generated {
    use schemars::SchemaGenerator;
    use schemars::generate::{Contract, SchemaSettings};
    use schemars::transform::ReplaceBoolSchemas;
    use serde_json::{Value, json};

    use crate::openapi::components::{BODIES, Definitions, REPLIES};
    use crate::response::TypeSchema;

    /// Bodies and replies have a generator each: what is read and what is written under one name
    /// may differ.
    pub(crate) struct Schemas {
        replies: SchemaGenerator,
        bodies: SchemaGenerator,
    }

    impl Default for Schemas {
        fn default() -> Self {
            Self {
                replies: generator(Contract::Serialize, REPLIES),
                bodies: generator(Contract::Deserialize, BODIES),
            }
        }
    }

    fn generator(contract: Contract, definitions: &'static str) -> SchemaGenerator {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.contract = contract;
            settings.definitions_path = definitions.into();
            settings.meta_schema = None;
        });
        // Client generators accept `{}` and refuse `true`.
        let mut objects_only = ReplaceBoolSchemas::default();
        objects_only.skip_additional_properties = true;
        settings.with_transform(objects_only).into_generator()
    }

    impl Schemas {
        pub(crate) fn reply(&mut self, schema: Option<TypeSchema>) -> Value {
            subschema(&mut self.replies, schema)
        }

        pub(crate) fn body(&mut self, schema: Option<TypeSchema>) -> Value {
            subschema(&mut self.bodies, schema)
        }

        pub(crate) fn into_definitions(mut self) -> Definitions {
            Definitions {
                replies: self.replies.take_definitions(true),
                bodies: self.bodies.take_definitions(true),
            }
        }
    }

    /// The schema of a type, `{}` if it has none.
    fn subschema(generator: &mut SchemaGenerator, schema: Option<TypeSchema>) -> Value {
        let Some(TypeSchema(of)) = schema else {
            return json!({});
        };
        let mut schema = of(generator);
        for transform in generator.transforms_mut() {
            transform.transform(&mut schema);
        }
        schema.to_value()
    }
}

#[cfg(not(feature = "schemars"))]
mod unknown {
    use serde_json::{Value, json};

    use crate::openapi::components::Definitions;
    use crate::response::TypeSchema;

    #[derive(Default)]
    pub(crate) struct Schemas {}

    impl Schemas {
        pub(crate) fn reply(&mut self, _: Option<TypeSchema>) -> Value {
            json!({})
        }

        pub(crate) fn body(&mut self, _: Option<TypeSchema>) -> Value {
            json!({})
        }

        pub(crate) fn into_definitions(self) -> Definitions {
            Definitions::default()
        }
    }
}
