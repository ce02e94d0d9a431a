impl Metadata {
    /// The layout of one chunk.
    fn kv_shape(&self) -> (u32, u32) {
        self.kv_shape
    }
    /// Whether this is the first rank.
    fn is_first_rank(&self) -> bool {
        self.worker_id == 0
    }
    /// Drops a tier's chunks and
    /// says how many.
    ///
    /// More text.
    fn clear(&self, tier: String, keep: Option<u32>) -> Result<u64, CacheError> {
        self.cache.clear(&tier, keep)
    }
}
const _: () = {
    impl ::admin_runtime::__private::script::ScriptObject for Metadata {
        fn class_name(&self) -> &::admin_runtime::__private::script::str {
            "Metadata"
        }
        fn members(&self) -> &[::admin_runtime::__private::script::ScriptMember] {
            const MEMBERS: &[::admin_runtime::__private::script::ScriptMember] = &[
                ::admin_runtime::__private::script::ScriptMember::new(
                        "kv_shape",
                        ::admin_runtime::__private::script::MemberKind::Attribute,
                        "",
                    )
                    .with_changes(false)
                    .with_summary("The layout of one chunk."),
                ::admin_runtime::__private::script::ScriptMember::new(
                        "is_first_rank",
                        ::admin_runtime::__private::script::MemberKind::Method,
                        "()",
                    )
                    .with_changes(false)
                    .with_summary("Whether this is the first rank."),
                ::admin_runtime::__private::script::ScriptMember::new(
                        "clear",
                        ::admin_runtime::__private::script::MemberKind::Method,
                        "(tier: String, keep: Option<u32>)",
                    )
                    .with_changes(true)
                    .with_summary("Drops a tier's chunks and says how many."),
            ];
            MEMBERS
        }
        fn attribute(
            &self,
            __name: &::admin_runtime::__private::script::str,
        ) -> ::admin_runtime::__private::script::Answer {
            match __name {
                "kv_shape" => {
                    ::admin_runtime::__private::script::Option::Some(
                        <(
                            u32,
                            u32,
                        ) as ::admin_runtime::__private::script::IntoScriptValue>::into_script_value(
                            self.kv_shape(),
                        ),
                    )
                }
                _ => ::admin_runtime::__private::script::Option::None,
            }
        }
        fn call(
            &self,
            __name: &::admin_runtime::__private::script::str,
            __args: ::admin_runtime::__private::script::ScriptArgs,
        ) -> ::admin_runtime::__private::script::Answer {
            match __name {
                "is_first_rank" => {
                    ::admin_runtime::__private::script::Option::Some(
                        (|| {
                            let [] = __args.bind("Metadata.is_first_rank", [])?;
                            <bool as ::admin_runtime::__private::script::IntoScriptValue>::into_script_value(
                                self.is_first_rank(),
                            )
                        })(),
                    )
                }
                "clear" => {
                    ::admin_runtime::__private::script::Option::Some(
                        (|| {
                            let [__argument_0, __argument_1] = __args
                                .bind(
                                    "Metadata.clear",
                                    [
                                        (
                                            "tier",
                                            <String as ::admin_runtime::__private::script::FromScriptValue>::REQUIRED,
                                        ),
                                        (
                                            "keep",
                                            <Option<
                                                u32,
                                            > as ::admin_runtime::__private::script::FromScriptValue>::REQUIRED,
                                        ),
                                    ],
                                )?;
                            let __argument_0 = <String as ::admin_runtime::__private::script::FromScriptValue>::argument(
                                "Metadata.clear",
                                "tier",
                                __argument_0,
                            )?;
                            let __argument_1 = <Option<
                                u32,
                            > as ::admin_runtime::__private::script::FromScriptValue>::argument(
                                "Metadata.clear",
                                "keep",
                                __argument_1,
                            )?;
                            <Result<
                                u64,
                                CacheError,
                            > as ::admin_runtime::__private::script::IntoScriptValue>::into_script_value(
                                self.clear(__argument_0, __argument_1),
                            )
                        })(),
                    )
                }
                _ => ::admin_runtime::__private::script::Option::None,
            }
        }
    }
    #[diagnostic::do_not_recommend]
    impl ::admin_runtime::__private::script::IntoScriptValue for Metadata {
        fn into_script_value(self) -> ::admin_runtime::__private::script::Value {
            ::admin_runtime::__private::script::object(self)
        }
    }
};
