"""From an application to a certificate's end: who may do what when, under which scheme, and what the mark may say."""
